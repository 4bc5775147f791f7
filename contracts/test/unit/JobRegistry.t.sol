// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JobRegistry} from "../../src/JobRegistry.sol";
import {IAccessControl, TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {Account as Holder, JobId, ListingId, TeamId} from "../../src/types/Ids.sol";
import {Job, JobRequest, JobStatus, Routing} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-01, SET-02: a job from its request to its money
contract JobRegistryTest is Base {
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
        bytes32 hash = keccak256(abi.encode(asked));
        assertEq(jobs.hashRequest(asked), hash);
        Job memory wanted = Job(BUYER, JobStatus.Requested, asked.routeDeadline, 2, ListingId.wrap(0), address(0), 0, 0, hash);
        assertEq(abi.encode(jobs.getJob(job)), abi.encode(wanted));
        assertEq(availableOf(personal(BUYER)), before - LOCKED);
        assertEq(lockedOf(personal(BUYER)), LOCKED);
    }

    function test_AGT06_request_untrackedNamesNobodyInItsEvent() public {
        JobRequest memory asked = aRequest();
        asked.tracked = false;
        JobId expected = JobId.wrap(jobs.jobCount() + 1);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobRequested(expected, address(0), TeamId.wrap(0), "h100", LOCKED, asked);
        JobId job = request(BUYER, asked);

        // The requester still has its rights.
        vm.prank(BUYER);
        jobs.cancel(job);
    }

    function test_SET04_request_byATeamIsPaidByTheTeam() public {
        Holder teamAccount = escrow.accountOfTeam(team);
        uint256 before = availableOf(teamAccount);
        JobId job = request(TEAM_USER, aTeamRequest());
        assertEq(availableOf(teamAccount), before - LOCKED);
        assertEq(Holder.unwrap(escrow.lockOf(job).payer), Holder.unwrap(teamAccount));
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.TeamRoleRequired.selector, team, BUYER, TeamRole.User, TeamRole.None));
        vm.prank(BUYER);
        jobs.request(aTeamRequest());
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

    function test_SET02_costOf_refusesAmountsBeyondTheMoney() public {
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.AmountTooLarge.selector, uint256(type(uint64).max) * 2));
        jobs.costOf(type(uint64).max, 2, 3600);
    }

    /* START */

    function test_SET01_start_untilTheDeadlinesLastSecond() public {
        JobId job = jobIn(JobStatus.Routed, BUYER, aRequest());
        uint40 deadline = jobs.getJob(job).time;
        assertEq(deadline, block.timestamp + 15 minutes);
        vm.warp(deadline);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobStarted(job, OWNER, deadline, deadline + 10 hours);
        vm.prank(OWNER);
        jobs.start(job);

        job = jobIn(JobStatus.Routed, TEAM_USER, aTeamRequest());
        deadline = jobs.getJob(job).time;
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.DeadlinePassed.selector, job, deadline, deadline + 1));
        vm.prank(OWNER);
        jobs.start(job);
    }

    /* SETTLEMENT */

    /// Settles a job that ran `elapsed` seconds and checks every cent.
    function settledAfter(uint256 elapsed, address by, uint32 wantedElapsed, uint64 wantedPaid) private {
        uint256 buyerBefore = availableOf(personal(BUYER));
        uint256 ownerBefore = availableOf(personal(OWNER));
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        vm.warp(block.timestamp + elapsed);

        vm.expectEmit(address(escrow));
        emit IEscrow.Released(job, personal(BUYER), personal(OWNER), wantedPaid, LOCKED - wantedPaid);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobSettled(job, OWNER, wantedElapsed, wantedPaid, LOCKED - wantedPaid);
        vm.prank(by);
        jobs.complete(job);

        assertEq(availableOf(personal(BUYER)), buyerBefore - wantedPaid);
        assertEq(availableOf(personal(OWNER)), ownerBefore + wantedPaid);
        assertEq(lockedOf(personal(BUYER)), 0);
        assertEq(reservedOf(listing), 0);
        assertEq(jobs.getJob(job).time, block.timestamp);
    }

    function test_SET02_complete_paysBySecond() public {
        settledAfter(0, OWNER, 0, 0);
        settledAfter(1, OWNER, 1, 1111);
        settledAfter(2.5 hours, BUYER, 2.5 hours, 10 * USD);
        settledAfter(10 hours - 1, OWNER, 10 hours - 1, 39_998_888);
        settledAfter(10 hours, OWNER, 10 hours, 40 * USD);
    }

    function test_SET02_complete_neverPaysMoreThanTheDuration() public {
        settledAfter(10 hours + 1, OWNER, 10 hours, 40 * USD);
        settledAfter(400 days, BUYER, 10 hours, 40 * USD);
    }

    /// The buyer's silence: anyone settles once duration and grace are over.
    function test_SET02_complete_byAnyoneAfterTheGraceOnly() public {
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        uint256 open = block.timestamp + 10 hours + jobs.GRACE_PERIOD();
        vm.warp(open);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotParty.selector, job, STRANGER));
        vm.prank(STRANGER);
        jobs.complete(job);
        vm.warp(open + 1);
        vm.prank(STRANGER);
        jobs.complete(job);
        assertEq(availableOf(personal(OWNER)), 40 * USD);
    }

    /// As with cancel: who may spend the team's money may stop spending it.
    function test_SET04_complete_aTeamsJobByAnyUserOfTheTeam() public {
        JobId job = jobIn(JobStatus.Running, TEAM_ADMIN, aTeamRequest());
        vm.warp(block.timestamp + 2.5 hours);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotParty.selector, job, TEAM_VIEWER));
        vm.prank(TEAM_VIEWER);
        jobs.complete(job);

        // A User of another team is a stranger here, and a team has no say in its Users' own jobs.
        vm.startPrank(STRANGER);
        access.createTeam("Other");
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotParty.selector, job, STRANGER));
        jobs.complete(job);
        vm.stopPrank();
        JobId own = jobIn(JobStatus.Running, BUYER, aRequest());
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotParty.selector, own, TEAM_USER));
        vm.prank(TEAM_USER);
        jobs.complete(own);

        Holder teamAccount = escrow.accountOfTeam(team);
        uint256 before = availableOf(teamAccount);
        vm.prank(TEAM_USER);
        jobs.complete(job);
        assertEq(availableOf(personal(OWNER)), 10 * USD);
        assertEq(availableOf(teamAccount), before + LOCKED - 10 * USD);
    }

    /// A provider that is handed over stays the one that is paid for what was routed to it.
    function test_SET02_complete_paysWhoWasRoutedTo() public {
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        vm.prank(OWNER);
        providers.transferProvider(provider, STRANGER);
        vm.warp(block.timestamp + 10 hours);
        vm.prank(OWNER);
        jobs.complete(job);
        assertEq(availableOf(personal(OWNER)), 40 * USD);
        assertEq(availableOf(personal(STRANGER)), 0);
    }

    /// A price that changes later changes nothing that is routed.
    function test_SET02_complete_paysTheRoutedPrice() public {
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        vm.startPrank(OWNER);
        providers.setPricing(listing, fixedPricing(RATE * 10));
        providers.setCapacity(listing, 2, true);
        vm.warp(block.timestamp + 10 hours);
        jobs.complete(job);
        vm.stopPrank();
        assertEq(availableOf(personal(OWNER)), 40 * USD);
    }

    function test_SET02_complete_whenBuyerAndProviderAreOne() public {
        fund(OWNER);
        vm.prank(OWNER);
        escrow.deposit(FUNDS);
        JobId job = jobIn(JobStatus.Running, OWNER, aRequest());
        vm.warp(block.timestamp + 10 hours);
        vm.prank(OWNER);
        jobs.complete(job);
        assertEq(availableOf(personal(OWNER)), FUNDS);
        assertEq(lockedOf(personal(OWNER)), 0);
    }

    /* THE OTHER WAYS OUT */

    function test_SET02_fail_refundsAllAndFreesTheGpus() public {
        JobStatus[2] memory from = [JobStatus.Routed, JobStatus.Running];
        for (uint256 i = 0; i < from.length; ++i) {
            uint256 before = availableOf(personal(BUYER));
            JobId job = jobIn(from[i], BUYER, aRequest());
            vm.warp(block.timestamp + 5 hours);
            vm.expectEmit(address(jobs));
            emit IJobRegistry.JobFailed(job, OWNER, LOCKED);
            vm.prank(OWNER);
            jobs.fail(job);
            assertEq(availableOf(personal(BUYER)), before);
            assertEq(reservedOf(listing), 0);
        }
    }

    function test_SET02_cancel_refundsAllAndFreesTheGpus() public {
        JobStatus[2] memory from = [JobStatus.Requested, JobStatus.Routed];
        for (uint256 i = 0; i < from.length; ++i) {
            uint256 before = availableOf(personal(BUYER));
            JobId job = jobIn(from[i], BUYER, aRequest());
            vm.expectEmit(address(jobs));
            emit IJobRegistry.JobCancelled(job, LOCKED);
            vm.prank(BUYER);
            jobs.cancel(job);
            assertEq(availableOf(personal(BUYER)), before);
            assertEq(reservedOf(listing), 0);
        }
    }

    function test_SET04_cancel_aTeamsJobByAnyUserOfTheTeam() public {
        JobId job = request(TEAM_ADMIN, aTeamRequest());
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, TEAM_VIEWER));
        vm.prank(TEAM_VIEWER);
        jobs.cancel(job);

        // A User of another team is a stranger here.
        vm.startPrank(STRANGER);
        access.createTeam("Other");
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, STRANGER));
        jobs.cancel(job);
        vm.stopPrank();

        Holder teamAccount = escrow.accountOfTeam(team);
        uint256 before = availableOf(teamAccount);
        vm.prank(TEAM_USER);
        jobs.cancel(job);
        assertEq(availableOf(teamAccount), before + LOCKED);
    }

    function test_SET02_expire_strictlyAfterTheDeadline() public {
        JobStatus[2] memory from = [JobStatus.Requested, JobStatus.Routed];
        for (uint256 i = 0; i < from.length; ++i) {
            uint256 before = availableOf(personal(BUYER));
            JobId job = jobIn(from[i], BUYER, aRequest());
            uint40 deadline = jobs.getJob(job).time;
            vm.warp(deadline);
            vm.expectRevert(abi.encodeWithSelector(IJobRegistry.DeadlineNotReached.selector, job, deadline, deadline));
            jobs.expire(job);
            vm.warp(deadline + 1);
            vm.expectEmit(address(jobs));
            emit IJobRegistry.JobExpired(job, from[i], LOCKED);
            vm.prank(STRANGER);
            jobs.expire(job);
            assertEq(availableOf(personal(BUYER)), before);
            assertEq(reservedOf(listing), 0);
        }
    }

    /* PAUSE */

    function test_SET02_pause_stopsRequestAndRouteOnly() public {
        JobId open = request(BUYER, aRequest());
        vm.prank(PAUSER);
        access.pause();

        vm.expectRevert(IAccessControl.IsPaused.selector);
        vm.prank(BUYER);
        jobs.request(aRequest());
        Routing memory routing = aRouting();
        vm.expectRevert(IAccessControl.IsPaused.selector);
        vm.prank(ROUTER);
        jobs.route(open, aRequest(), routing);
        // Every way out while paused: MatrixTest, personalJob_paused.
    }

    /* VIEWS AND WIRING */

    function test_SET01_getJob_refusesUnknownIds() public {
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.UnknownJob.selector, JobId.wrap(0)));
        jobs.getJob(JobId.wrap(0));
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.UnknownJob.selector, JobId.wrap(1)));
        jobs.getJob(JobId.wrap(1));
    }

    function test_SET01_constructor_refusesAProviderRegistryOfAnother() public {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.WrongWiring.selector, next, address(jobs)));
        new JobRegistry(address(escrow), address(providers), address(access));
    }
}
