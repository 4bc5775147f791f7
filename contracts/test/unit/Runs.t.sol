// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {Account as Holder, JobId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Terms} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-01, SET-02: a job from its start to its money
contract RunsTest is Base {
    uint64 private constant LOCKED = 60 * USD;
    Holder private constant NOBODY = Holder.wrap(0);

    /* START */

    function test_SET01_start_untilTheDeadlinesLastSecond() public {
        JobId job = jobIn(JobStatus.Routed, BUYER, aRequest());
        uint40 deadline = jobs.getJob(job).time;
        assertEq(deadline, block.timestamp + 15 minutes);
        Terms memory terms = termsOf(job);
        vm.warp(deadline);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobStarted(job, OWNER, deadline, deadline + 10 hours);
        vm.prank(OWNER);
        jobs.start(job, terms);
        assertEq(jobs.getJob(job).time, deadline);

        job = jobIn(JobStatus.Routed, TEAM_USER, aTeamRequest());
        deadline = jobs.getJob(job).time;
        terms = termsOf(job);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.DeadlinePassed.selector, job, deadline, deadline + 1));
        vm.prank(OWNER);
        jobs.start(job, terms);
    }

    /* SETTLEMENT */

    /// Settles a job that ran `elapsed` seconds and checks every cent.
    function settledAfter(uint256 elapsed, address by, uint32 wantedElapsed, uint64 wantedPaid) private {
        uint256 buyerBefore = availableOf(personal(BUYER));
        uint256 ownerBefore = availableOf(personal(OWNER));
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        Terms memory terms = termsOf(job);
        vm.warp(vm.getBlockTimestamp() + elapsed);

        vm.expectEmit(address(escrow));
        emit IEscrow.Released(job, personal(BUYER), personal(OWNER), wantedPaid, 0, LOCKED - wantedPaid);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobSettled(job, OWNER, wantedElapsed, wantedPaid, 0, LOCKED - wantedPaid);
        vm.prank(by);
        jobs.complete(job, terms);

        assertEq(availableOf(personal(BUYER)), buyerBefore - wantedPaid);
        assertEq(availableOf(personal(OWNER)), ownerBefore + wantedPaid);
        assertEq(lockedOf(personal(BUYER)), 0);
        assertEq(reservedOf(listing), 0);
        assertEq(jobs.getJob(job).time, vm.getBlockTimestamp());
    }

    function test_SET02_complete_paysBySecond() public {
        settledAfter(0, OWNER, 0, 0);
        settledAfter(1, OWNER, 1, 1111);
        settledAfter(2.5 hours, BUYER, 2.5 hours, 10 * USD);
        settledAfter(10 hours - 1, OWNER, 10 hours - 1, 39_998_888);
        settledAfter(10 hours, OWNER, 10 hours, 40 * USD);
        // Ended before anything was due, there is nothing to be said of the provider.
        assertEq(providers.getProvider(provider).completed, 4);
        assertEq(providers.getProvider(provider).failed, 0);
    }

    function test_SET02_complete_neverPaysMoreThanTheDuration() public {
        settledAfter(10 hours + 1, OWNER, 10 hours, 40 * USD);
        settledAfter(400 days, BUYER, 10 hours, 40 * USD);
    }

    /// The buyer's silence: anyone settles once duration and grace are over.
    function test_SET02_complete_byAnyoneAfterTheGraceOnly() public {
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        Terms memory terms = termsOf(job);
        uint256 open = block.timestamp + 10 hours + jobs.GRACE_PERIOD();
        vm.warp(open);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotParty.selector, job, STRANGER));
        vm.prank(STRANGER);
        jobs.complete(job, terms);
        vm.warp(open + 1);
        vm.prank(STRANGER);
        jobs.complete(job, terms);
        assertEq(availableOf(personal(OWNER)), 40 * USD);
    }

    /// As with cancel: who may spend the team's money may stop spending it.
    function test_SET04_complete_aTeamsJobByAnyUserOfTheTeam() public {
        JobId job = jobIn(JobStatus.Running, TEAM_ADMIN, aTeamRequest());
        Terms memory terms = termsOf(job);
        vm.warp(block.timestamp + 2.5 hours);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotParty.selector, job, TEAM_VIEWER));
        vm.prank(TEAM_VIEWER);
        jobs.complete(job, terms);

        // A User of another team is a stranger here, and a team has no say in its Users' own jobs.
        vm.startPrank(STRANGER);
        access.createTeam("Other");
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotParty.selector, job, STRANGER));
        jobs.complete(job, terms);
        vm.stopPrank();
        JobId own = jobIn(JobStatus.Running, BUYER, aRequest());
        Terms memory ownTerms = termsOf(own);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotParty.selector, own, TEAM_USER));
        vm.prank(TEAM_USER);
        jobs.complete(own, ownTerms);

        Holder teamAccount = escrow.accountOfTeam(team);
        uint256 before = availableOf(teamAccount);
        vm.prank(TEAM_USER);
        jobs.complete(job, terms);
        assertEq(availableOf(personal(OWNER)), 10 * USD);
        assertEq(availableOf(teamAccount), before + LOCKED - 10 * USD);
        // What was paid stays spent, what came back does not.
        assertEq(access.memberBudget(team, TEAM_ADMIN).spent, 10 * USD);
    }

    /// A provider that is handed over stays the one that is paid for what was routed to it.
    function test_SET02_complete_paysWhoWasRoutedTo() public {
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        handOver(STRANGER);
        vm.warp(block.timestamp + 10 hours);
        complete(job);
        assertEq(availableOf(personal(OWNER)), 40 * USD);
        assertEq(availableOf(personal(STRANGER)), 0);
    }

    /// A price that changes later changes nothing that is routed.
    function test_SET02_complete_paysTheRoutedPrice() public {
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        vm.startPrank(OWNER);
        providers.setPricing(listing, fixedPricing(RATE * 10));
        providers.setCapacity(listing, 2, true);
        vm.stopPrank();
        vm.warp(block.timestamp + 10 hours);
        complete(job);
        assertEq(availableOf(personal(OWNER)), 40 * USD);
    }

    function test_SET02_complete_whenBuyerAndProviderAreOne() public {
        fund(OWNER);
        vm.prank(OWNER);
        escrow.deposit(FUNDS);
        JobId job = jobIn(JobStatus.Running, OWNER, aRequest());
        vm.warp(block.timestamp + 10 hours);
        complete(job);
        assertEq(availableOf(personal(OWNER)), FUNDS);
        assertEq(lockedOf(personal(OWNER)), 0);
    }

    /* THE OTHER WAYS OUT */

    function test_SET02_fail_refundsAllAndFreesTheGpus() public {
        JobStatus[2] memory from = [JobStatus.Running, JobStatus.Disputed];
        for (uint256 i = 0; i < from.length; ++i) {
            uint256 before = availableOf(personal(BUYER));
            JobId job = jobIn(from[i], BUYER, aRequest());
            Terms memory terms = termsOf(job);
            vm.warp(vm.getBlockTimestamp() + 5 hours);
            vm.expectEmit(address(jobs));
            emit IJobRegistry.JobFailed(job, OWNER, LOCKED);
            vm.expectEmit(address(escrow));
            emit IEscrow.Released(job, personal(BUYER), NOBODY, 0, 0, LOCKED);
            vm.prank(OWNER);
            jobs.fail(job, terms);
            assertEq(availableOf(personal(BUYER)), before);
            assertEq(reservedOf(listing), 0);
            assertEq(providers.getProvider(provider).failed, i + 1);
        }
    }

    function test_SET02_expire_strictlyAfterTheRouteDeadline() public {
        uint256 before = availableOf(personal(BUYER));
        JobId job = request(BUYER, aRequest());
        Terms memory terms = termsOf(job);
        uint40 deadline = terms.routeDeadline;
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.DeadlineNotReached.selector, job, deadline, deadline));
        jobs.expire(job, terms);
        vm.warp(deadline + 1);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobExpired(job, JobStatus.Requested, LOCKED);
        vm.prank(STRANGER);
        jobs.expire(job, terms);
        assertEq(availableOf(personal(BUYER)), before);
        assertEq(providers.getProvider(provider).failed, 0);
    }

    /// Of a routed job both deadlines count: as long as it may be routed again, nobody ends it from outside.
    function test_SET02_expire_ofARoutedJobAfterBothDeadlines() public {
        uint32[2] memory windows = [uint32(15 minutes), 2 hours];
        for (uint256 i = 0; i < windows.length; ++i) {
            uint256 before = availableOf(personal(BUYER));
            uint256 start = vm.getBlockTimestamp();
            JobId job = request(BUYER, windowed(windows[i]));
            route(job, windowed(windows[i]));
            Terms memory terms = termsOf(job);
            uint256 last = start + (windows[i] > 1 hours ? windows[i] : 1 hours);
            vm.warp(last);
            vm.expectRevert(abi.encodeWithSelector(IJobRegistry.DeadlineNotReached.selector, job, last, last));
            jobs.expire(job, terms);
            vm.warp(last + 1);
            vm.expectEmit(address(jobs));
            emit IJobRegistry.JobExpired(job, JobStatus.Routed, LOCKED);
            vm.prank(STRANGER);
            jobs.expire(job, terms);
            assertEq(availableOf(personal(BUYER)), before);
            assertEq(reservedOf(listing), 0);
            assertEq(providers.getProvider(provider).failed, i + 1);
        }
    }

    function windowed(uint32 window) private view returns (JobRequest memory asked) {
        asked = aRequest();
        asked.routeDeadline = uint40(vm.getBlockTimestamp() + 1 hours);
        asked.startWindow = window;
    }
}
