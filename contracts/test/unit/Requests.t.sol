// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl, TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {Account as Holder, JobId, TeamId} from "../../src/types/Ids.sol";
import {Job, JobRequest, JobStatus, Terms} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-01, SET-02: asking for a job, and taking it back
contract RequestsTest is Base {
    uint64 private constant LOCKED = 60 * USD;

    function refused(JobRequest memory asked, bytes memory why) private {
        vm.expectRevert(why);
        vm.prank(BUYER);
        jobs.request(asked);
    }

    /* REQUEST */

    function test_SET01_request_storesAndLocksAndTellsAll() public {
        JobRequest memory asked = aRequest();
        JobId expected = JobId.wrap(jobs.jobCount() + 1);
        uint256 before = availableOf(personal(BUYER));

        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobRequested(expected, BUYER, TeamId.wrap(0), "h100", LOCKED, asked);
        vm.expectEmit(address(escrow));
        emit IEscrow.Locked(expected, personal(BUYER), LOCKED);
        JobId job = request(BUYER, asked);

        assertEq(JobId.unwrap(job), JobId.unwrap(expected));
        assertEq(jobs.jobCount(), JobId.unwrap(job));
        assertEq(jobs.hashRequest(asked), keccak256(abi.encode(asked)));
        Terms memory terms = termsOf(job);
        assertEq(jobs.hashTerms(terms), bytes26(keccak256(abi.encode(terms))));
        Job memory wanted = Job({termsHash: bytes26(keccak256(abi.encode(terms))), status: JobStatus.Requested, time: asked.routeDeadline});
        assertEq(abi.encode(jobs.getJob(job)), abi.encode(wanted));
        jobs.checkTerms(job, terms);
        assertEq(availableOf(personal(BUYER)), before - LOCKED);
        assertEq(lockedOf(personal(BUYER)), LOCKED);
    }

    /// Whoever changes one word of what was agreed is told so.
    function test_SET01_terms_bindEveryField() public {
        JobId job = jobIn(JobStatus.Routed, BUYER, aRequest());
        bytes memory encoded = abi.encode(termsOf(job));
        bytes26 expected = bytes26(keccak256(encoded));
        assertEq(encoded.length, 15 * 32);
        for (uint256 field = 0; field < 15; ++field) {
            bytes memory changed = bytes.concat(encoded);
            changed[field * 32 + 31] = bytes1(uint8(changed[field * 32 + 31]) ^ 1);
            Terms memory other = abi.decode(changed, (Terms));
            bytes memory why = abi.encodeWithSelector(IJobRegistry.TermsMismatch.selector, job, expected, bytes26(keccak256(changed)));
            vm.expectRevert(why);
            jobs.checkTerms(job, other);
            vm.expectRevert(why);
            vm.prank(BUYER);
            jobs.cancel(job, other);
        }
        jobs.checkTerms(job, termsOf(job));
    }

    /// Bits beyond a field's width are other bits: they pass for nothing.
    function test_SET01_terms_withDirtyBitsAreNotTheTerms() public {
        JobId job = request(BUYER, aRequest());
        bytes memory data = abi.encodeCall(jobs.checkTerms, (job, termsOf(job)));
        // The word of `duration`, behind selector and job.
        data[4 + 32 + 5 * 32] = 0x01;
        (bool success,) = address(jobs).call(data);
        assertFalse(success);
        data[4 + 32 + 5 * 32] = 0x00;
        (success,) = address(jobs).call(data);
        assertTrue(success);
    }

    function test_AGT06_request_untrackedNamesNobodyInItsEvent() public {
        JobRequest memory asked = aRequest();
        asked.tracked = false;
        JobId expected = JobId.wrap(jobs.jobCount() + 1);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobRequested(expected, address(0), TeamId.wrap(0), "h100", LOCKED, asked);
        JobId job = request(BUYER, asked);

        // The requester still has its rights.
        Terms memory terms = termsOf(job);
        vm.prank(BUYER);
        jobs.cancel(job, terms);
    }

    function test_SET04_request_byATeamIsPaidByTheTeam() public {
        Holder teamAccount = escrow.accountOfTeam(team);
        uint256 before = availableOf(teamAccount);
        vm.expectEmit(address(escrow));
        emit IEscrow.Locked(JobId.wrap(jobs.jobCount() + 1), teamAccount, LOCKED);
        request(TEAM_USER, aTeamRequest());
        assertEq(availableOf(teamAccount), before - LOCKED);
        assertEq(lockedOf(teamAccount), LOCKED);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.TeamRoleRequired.selector, team, BUYER, TeamRole.User, TeamRole.None));
        vm.prank(BUYER);
        jobs.request(aTeamRequest());
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.TeamRoleRequired.selector, team, TEAM_VIEWER, TeamRole.User, TeamRole.Viewer));
        vm.prank(TEAM_VIEWER);
        jobs.request(aTeamRequest());
    }

    function test_SET04_request_byATeamStaysInItsBudgets() public {
        vm.startPrank(TEAM_ADMIN);
        access.setTeamBudget(team, 2 * LOCKED - 1, 1 days);
        access.setMemberBudget(team, TEAM_USER, LOCKED);
        vm.stopPrank();
        request(TEAM_USER, aTeamRequest());
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.MemberBudgetExceeded.selector, team, TEAM_USER, LOCKED, LOCKED, LOCKED));
        vm.prank(TEAM_USER);
        jobs.request(aTeamRequest());
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.TeamBudgetExceeded.selector, team, 2 * LOCKED - 1, LOCKED, LOCKED));
        vm.prank(TEAM_ADMIN);
        jobs.request(aTeamRequest());
        vm.warp(block.timestamp + 1 days);
        request(TEAM_USER, aTeamRequest());
    }

    function test_SET01_request_refusesEmptyTerms() public {
        JobRequest memory asked = aRequest();
        asked.gpuModel = 0;
        refused(asked, abi.encodeWithSelector(IJobRegistry.ZeroGpuModel.selector));
        asked = aRequest();
        asked.gpuCount = 0;
        refused(asked, abi.encodeWithSelector(IJobRegistry.ZeroGpuCount.selector));
        asked = aRequest();
        asked.maxPricePerGpuHour = 0;
        refused(asked, abi.encodeWithSelector(IJobRegistry.ZeroMaxPrice.selector));
    }

    function test_SET01_request_durationHasBounds() public {
        JobRequest memory asked = aRequest();
        uint32[3] memory bad = [uint32(0), 59, 90 days + 1];
        for (uint256 i = 0; i < bad.length; ++i) {
            asked.duration = bad[i];
            refused(asked, abi.encodeWithSelector(IJobRegistry.InvalidDuration.selector, bad[i], 60, 90 days));
        }
        asked.duration = 60;
        request(BUYER, asked);
        asked.duration = 90 days;
        request(BUYER, asked);
    }

    function test_SET01_request_startWindowHasBounds() public {
        JobRequest memory asked = aRequest();
        uint32[3] memory bad = [uint32(0), 59, 7 days + 1];
        for (uint256 i = 0; i < bad.length; ++i) {
            asked.startWindow = bad[i];
            refused(asked, abi.encodeWithSelector(IJobRegistry.InvalidStartWindow.selector, bad[i], 60, 7 days));
        }
        asked.startWindow = 60;
        request(BUYER, asked);
        asked.startWindow = 7 days;
        request(BUYER, asked);
    }

    function test_SET01_request_routeDeadlineHasBounds() public {
        JobRequest memory asked = aRequest();
        uint256[4] memory bad = [0, block.timestamp - 1, block.timestamp, block.timestamp + 30 days + 1];
        for (uint256 i = 0; i < bad.length; ++i) {
            asked.routeDeadline = uint40(bad[i]);
            bytes memory why =
                abi.encodeWithSelector(IJobRegistry.InvalidRouteDeadline.selector, bad[i], block.timestamp + 1, block.timestamp + 30 days);
            refused(asked, why);
        }
        asked.routeDeadline = uint40(block.timestamp + 1);
        request(BUYER, asked);
        asked.routeDeadline = uint40(block.timestamp + 30 days);
        request(BUYER, asked);
    }

    function test_AGT05_request_weightsHaveABound() public {
        for (uint256 i = 0; i < 4; ++i) {
            refused(weighted(i, 10_001), abi.encodeWithSelector(IJobRegistry.WeightTooLarge.selector, 10_001));
            request(BUYER, weighted(i, 10_000));
        }
    }

    function weighted(uint256 which, uint16 weight) private view returns (JobRequest memory asked) {
        asked = aRequest();
        if (which == 0) asked.uptimeWeight = weight;
        if (which == 1) asked.latencyWeight = weight;
        if (which == 2) asked.ratingWeight = weight;
        if (which == 3) asked.riskWeight = weight;
    }

    function test_AGT06_request_aTeamsJobIsTracked() public {
        JobRequest memory asked = aTeamRequest();
        asked.tracked = false;
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.UntrackedTeamJob.selector, team));
        vm.prank(TEAM_USER);
        jobs.request(asked);
    }

    function test_SET02_request_refusesWithoutMoney() public {
        Holder account = personal(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, account, 0, LOCKED));
        vm.prank(STRANGER);
        jobs.request(aRequest());

        // To the cent.
        fund(STRANGER);
        vm.startPrank(STRANGER);
        escrow.deposit(LOCKED - 1);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, account, LOCKED - 1, LOCKED));
        jobs.request(aRequest());
        escrow.deposit(1);
        jobs.request(aRequest());
        vm.stopPrank();
        assertEq(availableOf(account), 0);
    }

    function test_SET02_request_refusesAmountsBeyondTheMoney() public {
        JobRequest memory asked = aRequest();
        asked.maxPricePerGpuHour = type(uint64).max;
        refused(asked, abi.encodeWithSelector(IJobRegistry.AmountTooLarge.selector, uint256(type(uint64).max) * 2 * 10));
    }

    function test_SET02_lockFor_roundsUpAndCostOfRoundsDown() public view {
        JobRequest memory asked = aRequest();
        (asked.maxPricePerGpuHour, asked.gpuCount, asked.duration) = (1, 1, 60);
        assertEq(jobs.lockFor(asked), 1);
        assertEq(jobs.costOf(1, 1, 3599), 0);
        assertEq(jobs.costOf(1, 1, 3600), 1);
        assertEq(jobs.costOf(2 * USD, 8, 1), 4444);
        asked.duration = 3600;
        assertEq(jobs.lockFor(asked), 1);
        asked.duration = 3601;
        assertEq(jobs.lockFor(asked), 2);
    }

    /// A job that may be split locks for each part's own rounding.
    function test_SET02_lockFor_roundsUpEachPart() public view {
        JobRequest memory asked = aRequest();
        uint8[5] memory parts = [0, 1, 2, 5, 255];
        uint64[5] memory extra = [uint64(0), 0, 1, 4, 254];
        for (uint256 k = 0; k < parts.length; ++k) {
            asked.maxParts = parts[k];
            assertEq(jobs.lockFor(asked), LOCKED + extra[k]);
        }
    }

    function test_SET02_costOf_refusesAmountsBeyondTheMoney() public {
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.AmountTooLarge.selector, uint256(type(uint64).max) * 2));
        jobs.costOf(type(uint64).max, 2, 3600);
    }

    /* CANCEL */

    function test_SET02_cancel_refundsAllAndFreesTheGpus() public {
        JobStatus[2] memory from = [JobStatus.Requested, JobStatus.Routed];
        for (uint256 i = 0; i < from.length; ++i) {
            uint256 before = availableOf(personal(BUYER));
            JobId job = jobIn(from[i], BUYER, aRequest());
            Terms memory terms = termsOf(job);
            vm.expectEmit(address(jobs));
            emit IJobRegistry.JobCancelled(job, LOCKED);
            vm.prank(BUYER);
            jobs.cancel(job, terms);
            assertEq(availableOf(personal(BUYER)), before);
            assertEq(lockedOf(personal(BUYER)), 0);
            assertEq(reservedOf(listing), 0);
            assertEq(jobs.getJob(job).time, block.timestamp);
        }
        // Nothing to be said of the provider.
        assertEq(providers.getProvider(provider).failed, 0);
    }

    function test_SET04_cancel_aTeamsJobByAnyUserOfTheTeam() public {
        JobId job = request(TEAM_ADMIN, aTeamRequest());
        Terms memory terms = termsOf(job);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, TEAM_VIEWER));
        vm.prank(TEAM_VIEWER);
        jobs.cancel(job, terms);

        // A User of another team is a stranger here.
        vm.startPrank(STRANGER);
        access.createTeam("Other");
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, STRANGER));
        jobs.cancel(job, terms);
        vm.stopPrank();

        Holder teamAccount = escrow.accountOfTeam(team);
        uint256 before = availableOf(teamAccount);
        vm.prank(TEAM_USER);
        jobs.cancel(job, terms);
        assertEq(availableOf(teamAccount), before + LOCKED);
        // The budget of the one that asked.
        assertEq(access.memberBudget(team, TEAM_ADMIN).spent, 0);
    }

    /// A team has no say in its Users' own jobs.
    function test_SET04_cancel_notAMembersOwnJob() public {
        usdc.mint(TEAM_USER, LOCKED);
        vm.startPrank(TEAM_USER);
        usdc.approve(address(escrow), LOCKED);
        escrow.deposit(LOCKED);
        vm.stopPrank();
        JobId job = request(TEAM_USER, aRequest());
        Terms memory terms = termsOf(job);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, TEAM_ADMIN));
        vm.prank(TEAM_ADMIN);
        jobs.cancel(job, terms);
    }

    /* VIEWS */

    function test_SET01_getJob_refusesUnknownIds() public {
        JobId[2] memory unknown = [JobId.wrap(0), JobId.wrap(jobs.jobCount() + 1)];
        Terms memory terms;
        for (uint256 i = 0; i < unknown.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IJobRegistry.UnknownJob.selector, unknown[i]));
            jobs.getJob(unknown[i]);
            vm.expectRevert(abi.encodeWithSelector(IJobRegistry.UnknownJob.selector, unknown[i]));
            jobs.checkTerms(unknown[i], terms);
        }
    }
}
