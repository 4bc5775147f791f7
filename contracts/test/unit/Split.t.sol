// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Vm} from "forge-std/Vm.sol";

import {IAccessControl} from "../../src/interfaces/IAccessControl.sol";
import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {Account as Holder, JobId, TeamId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Routing, Terms} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-01: one request over several machines, each part a job of its own
contract SplitTest is Base {
    /// 20 H100 in at most four machines: 600 USD and 3 micro-USD for the parts' roundings.
    function wideRequest() private view returns (JobRequest memory asked) {
        asked = aRequest();
        (asked.gpuCount, asked.maxParts) = (20, 4);
    }

    function partOf(JobRequest memory whole, uint16 count) private pure returns (JobRequest memory part) {
        part = abi.decode(abi.encode(whole), (JobRequest));
        (part.gpuCount, part.maxParts) = (count, 0);
    }

    function counted(uint16 a, uint16 b, uint16 c) private pure returns (uint16[] memory counts) {
        counts = new uint16[](c == 0 ? 2 : 3);
        (counts[0], counts[1]) = (a, b);
        if (c > 0) counts[2] = c;
    }

    function split(JobId job, JobRequest memory asked, uint16[] memory counts) private returns (JobId first) {
        Terms memory terms = termsOf(job);
        vm.prank(ROUTER);
        first = jobs.split(job, terms, asked, counts);
        for (uint64 i = 0; i < counts.length; ++i) {
            parted(job, JobId.wrap(JobId.unwrap(first) + i), partOf(asked, counts[i]));
        }
    }

    function refused(JobId job, JobRequest memory asked, uint16[] memory counts, bytes memory why) private {
        Terms memory terms = termsOf(job);
        vm.expectRevert(why);
        vm.prank(ROUTER);
        jobs.split(job, terms, asked, counts);
    }

    function test_SET01_split_opensItsPartsAndRefundsTheExcess() public {
        JobRequest memory asked = wideRequest();
        uint256 before = availableOf(personal(BUYER));
        JobId job = request(BUYER, asked);
        assertEq(lockedOf(personal(BUYER)), 600 * USD + 3);
        uint64 count = jobs.jobCount();

        uint16[3] memory counts = [uint16(8), 8, 4];
        for (uint64 i = 0; i < 3; ++i) {
            JobRequest memory part = partOf(asked, counts[i]);
            vm.expectEmit(address(jobs));
            emit IJobRegistry.JobRequested(JobId.wrap(count + 1 + i), BUYER, TeamId.wrap(0), "h100", jobs.lockFor(part), part);
        }
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobSplit(job, JobId.wrap(count + 1), 3, 3);
        vm.expectEmit(address(escrow));
        emit IEscrow.Released(job, personal(BUYER), Holder.wrap(0), 0, 0, 3);
        JobId first = split(job, asked, counted(8, 8, 4));

        assertEq(JobId.unwrap(first), count + 1);
        assertEq(jobs.jobCount(), count + 3);
        assertEq(uint8(statusOf(job)), uint8(JobStatus.Split));
        assertEq(lockedOf(personal(BUYER)), 600 * USD);
        assertEq(availableOf(personal(BUYER)), before - 600 * USD);
        for (uint64 i = 0; i < 3; ++i) {
            JobId part = JobId.wrap(count + 1 + i);
            assertEq(uint8(statusOf(part)), uint8(JobStatus.Requested));
            assertEq(jobs.getJob(part).time, asked.routeDeadline);
            jobs.checkTerms(part, termsOf(part));
        }
    }

    /// Where the parts need all of the lock, nothing is said to have come back.
    function test_SET01_split_withoutAnExcessReleasesNothing() public {
        JobRequest memory asked = aRequest();
        // A tenth of a micro-dollar for each GPU, so that each part is rounded up by itself.
        (asked.gpuCount, asked.maxParts, asked.maxPricePerGpuHour, asked.duration) = (2, 2, 1, 360);
        JobId job = request(BUYER, asked);
        assertEq(lockedOf(personal(BUYER)), 2);
        vm.recordLogs();
        split(job, asked, counted(1, 1, 0));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3);
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(logs[i].emitter, address(jobs));
        }
        assertEq(lockedOf(personal(BUYER)), 2);
    }

    /// Each part is a job like any other: one runs, one is cancelled, one expires, each for itself.
    function test_SET01_split_partsEndEachForItself() public {
        JobRequest memory asked = wideRequest();
        uint256 before = availableOf(personal(BUYER));
        JobId first = split(request(BUYER, asked), asked, counted(8, 7, 5));
        JobId second = JobId.wrap(JobId.unwrap(first) + 1);
        JobId third = JobId.wrap(JobId.unwrap(first) + 2);
        JobRequest memory part = partOf(asked, 8);
        Routing memory routing = aRouting();
        routeTo(first, part, routing);
        start(first);
        vm.warp(block.timestamp + 5 hours);
        complete(first);
        assertEq(availableOf(personal(OWNER)), 80 * USD);

        Terms memory terms = termsOf(second);
        vm.prank(BUYER);
        jobs.cancel(second, terms);
        jobs.expire(third, termsOf(third));
        assertEq(lockedOf(personal(BUYER)), 0);
        assertEq(availableOf(personal(BUYER)), before - 80 * USD);
    }

    function test_SET01_split_noPartIsSplitAgain() public {
        JobRequest memory asked = wideRequest();
        JobId first = split(request(BUYER, asked), asked, counted(10, 10, 0));
        refused(first, partOf(asked, 10), counted(5, 5, 0), abi.encodeWithSelector(IJobRegistry.InvalidParts.selector, 2, 0));
    }

    function test_SET01_split_hasBounds() public {
        JobRequest memory asked = wideRequest();
        asked.maxParts = 2;
        JobId job = request(BUYER, asked);
        uint16[] memory one = new uint16[](1);
        one[0] = 20;
        refused(job, asked, one, abi.encodeWithSelector(IJobRegistry.InvalidParts.selector, 1, 2));
        refused(job, asked, new uint16[](0), abi.encodeWithSelector(IJobRegistry.InvalidParts.selector, 0, 2));
        refused(job, asked, counted(8, 8, 4), abi.encodeWithSelector(IJobRegistry.InvalidParts.selector, 3, 2));
        refused(job, asked, counted(20, 0, 0), abi.encodeWithSelector(IJobRegistry.ZeroGpuCount.selector));
        refused(job, asked, counted(10, 9, 0), abi.encodeWithSelector(IJobRegistry.PartsMismatch.selector, 19, 20));

        uint8[2] memory none = [0, 1];
        for (uint256 i = 0; i < none.length; ++i) {
            asked.maxParts = none[i];
            JobId whole = request(BUYER, asked);
            refused(whole, asked, counted(10, 10, 0), abi.encodeWithSelector(IJobRegistry.InvalidParts.selector, 2, none[i]));
        }
    }

    function test_SET01_split_needsTheRequestAndTheTime() public {
        JobRequest memory asked = wideRequest();
        JobId job = request(BUYER, asked);
        JobRequest memory other = wideRequest();
        other.maxParts = 5;
        refused(
            job,
            other,
            counted(10, 10, 0),
            abi.encodeWithSelector(IJobRegistry.RequestMismatch.selector, job, keccak256(abi.encode(asked)), keccak256(abi.encode(other)))
        );
        vm.warp(asked.routeDeadline + 1);
        refused(
            job,
            asked,
            counted(10, 10, 0),
            abi.encodeWithSelector(IJobRegistry.DeadlinePassed.selector, job, asked.routeDeadline, block.timestamp)
        );
        vm.warp(asked.routeDeadline);
        split(job, asked, counted(10, 10, 0));
    }

    function test_SET01_split_onlyByARouter() public {
        JobRequest memory asked = wideRequest();
        JobId job = request(BUYER, asked);
        Terms memory terms = termsOf(job);
        address[4] memory callers = [BUYER, OWNER, STRANGER, ADMIN];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAccessControl.NotRouter.selector, callers[i]));
            vm.prank(callers[i]);
            jobs.split(job, terms, asked, counted(10, 10, 0));
        }
    }

    function test_AGT06_split_ofAnUntrackedJobNamesNobody() public {
        JobRequest memory asked = wideRequest();
        asked.tracked = false;
        JobId job = request(BUYER, asked);
        uint64 count = jobs.jobCount();
        JobRequest memory part = partOf(asked, 12);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobRequested(JobId.wrap(count + 1), address(0), TeamId.wrap(0), "h100", 360 * USD, part);
        JobId first = split(job, asked, counted(12, 8, 0));
        Terms memory terms = termsOf(first);
        vm.prank(BUYER);
        jobs.cancel(first, terms);
    }

    /// The parts stay in the budgets in which the whole was counted; the excess leaves them.
    function test_SET04_split_ofATeamKeepsItsBudgets() public {
        JobRequest memory asked = wideRequest();
        asked.team = team;
        JobId job = request(TEAM_USER, asked);
        assertEq(access.memberBudget(team, TEAM_USER).spent, 600 * USD + 3);
        JobId first = split(job, asked, counted(10, 10, 0));
        assertEq(access.memberBudget(team, TEAM_USER).spent, 600 * USD);
        // Any User of the team takes a part back.
        Terms memory terms = termsOf(first);
        vm.prank(TEAM_ADMIN);
        jobs.cancel(first, terms);
        assertEq(access.memberBudget(team, TEAM_USER).spent, 300 * USD);
    }

    /// Whatever the prices, counts and times: the parts' locks are covered, and with the refund they are the whole's.
    function testFuzz_SET02_split_conserves(uint64 price, uint32 duration, uint16 a, uint16 b, uint16 c) public {
        JobRequest memory asked = wideRequest();
        asked.maxParts = 3;
        asked.maxPricePerGpuHour = uint64(bound(price, 1, USD));
        asked.duration = uint32(bound(duration, 60, 90 days));
        (a, b, c) = (uint16(bound(a, 1, 40)), uint16(bound(b, 1, 40)), uint16(bound(c, 1, 40)));
        asked.gpuCount = a + b + c;
        uint256 before = availableOf(personal(BUYER));
        JobId first = split(request(BUYER, asked), asked, counted(a, b, c));
        uint256 sum = 0;
        for (uint64 i = 0; i < 3; ++i) {
            sum += termsOf(JobId.wrap(JobId.unwrap(first) + i)).locked;
        }
        assertEq(lockedOf(personal(BUYER)), sum);
        assertEq(availableOf(personal(BUYER)), before - sum);
        for (uint64 i = 0; i < 3; ++i) {
            Terms memory terms = termsOf(JobId.wrap(JobId.unwrap(first) + i));
            vm.prank(BUYER);
            jobs.cancel(JobId.wrap(JobId.unwrap(first) + i), terms);
        }
        assertEq(availableOf(personal(BUYER)), before);
    }

    /// More GPUs than were asked for never open, whatever their numbers add up to.
    function test_SET01_split_neverMoreThanWasAskedFor() public {
        JobRequest memory asked = wideRequest();
        JobId job = request(BUYER, asked);
        refused(job, asked, counted(20, 20, 0), abi.encodeWithSelector(IJobRegistry.PartsMismatch.selector, 40, 20));
        refused(job, asked, counted(20, 1, 0), abi.encodeWithSelector(IJobRegistry.PartsMismatch.selector, 21, 20));
        refused(
            job,
            asked,
            counted(type(uint16).max, 21, 0),
            abi.encodeWithSelector(IJobRegistry.PartsMismatch.selector, uint256(type(uint16).max) + 21, 20)
        );
    }
}
