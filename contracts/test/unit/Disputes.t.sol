// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl as IOpenZeppelin} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {Account as Holder, JobId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Meter, Terms} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title RES-04: a buyer who got nothing for its money
contract DisputesTest is Base {
    uint64 private constant LOCKED = 60 * USD;
    bytes32 private constant EVIDENCE = keccak256("evidence");
    bytes32 private constant REASON = keccak256("reason");

    JobId private job;
    Terms private agreed;
    uint256 private before;
    uint256 private startedAt;

    function setUp() public override {
        super.setUp();
        before = availableOf(personal(BUYER));
        job = jobIn(JobStatus.Running, BUYER, aRequest());
        agreed = termsOf(job);
        startedAt = block.timestamp;
    }

    function dispute() private {
        vm.prank(BUYER);
        jobs.dispute(job, agreed, EVIDENCE);
    }

    function rule(uint64 paid) private {
        vm.prank(ARBITER);
        jobs.rule(job, agreed, paid, REASON);
    }

    function settledWith(uint64 paid) private view {
        assertEq(uint8(statusOf(job)), uint8(JobStatus.Settled));
        assertEq(availableOf(personal(OWNER)), paid);
        assertEq(availableOf(personal(BUYER)), before - paid);
        assertEq(lockedOf(personal(BUYER)), 0);
    }

    function counts(uint32 completed, uint32 failed, uint32 disputed) private view {
        IProviderRegistry.Provider memory held = providers.getProvider(provider);
        assertEq(held.completed, completed, "completed");
        assertEq(held.failed, failed, "failed");
        assertEq(held.disputed, disputed, "disputed");
    }

    /* OPENING */

    function test_RES04_dispute_stopsTheMeterAndFreesTheGpus() public {
        vm.warp(startedAt + 2.5 hours);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobDisputed(job, OWNER, 2.5 hours, 10 * USD, EVIDENCE);
        vm.expectEmit(address(providers));
        emit IProviderRegistry.CapacityReleased(listing, 2, 0);
        dispute();
        assertEq(uint8(statusOf(job)), uint8(JobStatus.Disputed));
        assertEq(jobs.getJob(job).time, block.timestamp);
        Meter memory meter = jobs.meterOf(job);
        assertEq(meter.elapsed, 2.5 hours);
        assertEq(meter.due, 10 * USD);
        assertEq(reservedOf(listing), 0);
        assertEq(lockedOf(personal(BUYER)), LOCKED);
        counts(0, 0, 1);

        // However late it is ruled on, no second more is paid.
        vm.warp(startedAt + 300 days);
        rule(10 * USD);
        settledWith(10 * USD);
        counts(1, 0, 1);
    }

    /// The freed GPUs may be the next one's, and the dispute's end takes nothing of it.
    function test_RES04_dispute_theNextJobKeepsItsPlace() public {
        vm.prank(OWNER);
        providers.setCapacity(listing, 2, false);
        dispute();
        JobId next = jobIn(JobStatus.Running, TEAM_USER, aTeamRequest());
        assertEq(reservedOf(listing), 2);
        rule(0);
        assertEq(reservedOf(listing), 2);
        complete(next);
        assertEq(reservedOf(listing), 0);
    }

    function test_RES04_dispute_untilTheGracesLastSecond() public {
        uint256 last = startedAt + 10 hours + jobs.GRACE_PERIOD();
        vm.warp(last + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.DeadlinePassed.selector, job, last, last + 1));
        dispute();
        vm.warp(last);
        dispute();
        // Not more than its duration is due.
        assertEq(jobs.meterOf(job).elapsed, 10 hours);
        assertEq(jobs.meterOf(job).due, 40 * USD);
    }

    function test_RES04_dispute_byTheRequesterOrAUserOfItsTeam() public {
        address[5] memory callers = [STRANGER, OWNER, ROUTER, ARBITER, TEAM_USER];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, callers[i]));
            vm.prank(callers[i]);
            jobs.dispute(job, agreed, EVIDENCE);
        }
        JobId teams = jobIn(JobStatus.Running, TEAM_ADMIN, aTeamRequest());
        Terms memory terms = termsOf(teams);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, teams, TEAM_VIEWER));
        vm.prank(TEAM_VIEWER);
        jobs.dispute(teams, terms, EVIDENCE);
        vm.prank(TEAM_USER);
        jobs.dispute(teams, terms, EVIDENCE);
    }

    /* EVIDENCE */

    function test_RES04_submitEvidence_byEitherParty() public {
        dispute();
        address delegate = makeAddr("delegate");
        vm.prank(OWNER);
        providers.setDelegate(provider, delegate, true);
        address[3] memory parties = [BUYER, OWNER, delegate];
        for (uint256 i = 0; i < parties.length; ++i) {
            vm.expectEmit(address(jobs));
            emit IJobRegistry.EvidenceSubmitted(job, parties[i], REASON);
            vm.prank(parties[i]);
            jobs.submitEvidence(job, agreed, REASON);
        }
        address[4] memory others = [STRANGER, ARBITER, ROUTER, TEAM_USER];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotParty.selector, job, others[i]));
            vm.prank(others[i]);
            jobs.submitEvidence(job, agreed, REASON);
        }
    }

    /* THE RULING */

    function test_RES04_rule_paysWhatTheArbiterSays() public {
        vm.warp(startedAt + 5 hours);
        dispute();
        vm.expectEmit(address(jobs));
        emit IJobRegistry.DisputeRuled(job, ARBITER, 7 * USD, REASON);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobSettled(job, OWNER, 5 hours, 7 * USD, 0, LOCKED - 7 * USD);
        rule(7 * USD);
        settledWith(7 * USD);
        counts(1, 0, 1);
    }

    function test_RES04_rule_neverMoreThanWasDue() public {
        vm.warp(startedAt + 5 hours);
        dispute();
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.RulingTooHigh.selector, 20 * USD + 1, 20 * USD));
        rule(20 * USD + 1);
        rule(20 * USD);
        settledWith(20 * USD);
    }

    function test_RES04_rule_forNothingCountsAsFailed() public {
        vm.warp(startedAt + 5 hours);
        dispute();
        rule(0);
        settledWith(0);
        counts(0, 1, 1);
    }

    function test_RES04_rule_onlyTheArbiter() public {
        dispute();
        address[6] memory callers = [STRANGER, BUYER, OWNER, ROUTER, ADMIN, VERIFIER];
        bytes32 role = access.ARBITER_ROLE();
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IOpenZeppelin.AccessControlUnauthorizedAccount.selector, callers[i], role));
            vm.prank(callers[i]);
            jobs.rule(job, agreed, 0, REASON);
        }
    }

    function test_RES04_rule_staysPossibleUntilSomebodyResolves() public {
        vm.warp(startedAt + 5 hours);
        dispute();
        vm.warp(block.timestamp + 100 days);
        rule(1);
        settledWith(1);
    }

    function test_BILL04_rule_takesTheFeeOfWhatIsPaid() public {
        address treasury = makeAddr("treasury");
        vm.prank(ADMIN);
        jobs.setFee(250, treasury);
        JobId other = jobIn(JobStatus.Running, BUYER, aRequest());
        Terms memory terms = termsOf(other);
        vm.warp(block.timestamp + 5 hours);
        vm.prank(BUYER);
        jobs.dispute(other, terms, EVIDENCE);
        vm.prank(ARBITER);
        jobs.rule(other, terms, 10 * USD, REASON);
        assertEq(availableOf(personal(treasury)), 250_000);
        assertEq(availableOf(personal(OWNER)), 9_750_000);
    }

    /* SILENCE */

    function test_RES04_resolve_afterTheArbitersPeriodExactly() public {
        vm.warp(startedAt + 2.5 hours + 1);
        dispute();
        uint256 last = block.timestamp + 7 days;
        vm.warp(last);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.DeadlineNotReached.selector, job, last, last));
        jobs.resolve(job, agreed);
        vm.warp(last + 1);
        // Half of 10,001,111, rounded down.
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobSettled(job, OWNER, 2.5 hours + 1, 5_000_555, 0, LOCKED - 5_000_555);
        vm.prank(STRANGER);
        jobs.resolve(job, agreed);
        settledWith(5_000_555);
        counts(1, 0, 1);
    }

    /// A dispute in the first second: half of nothing is nothing, and nothing is ruled against the provider.
    function test_RES04_resolve_ofNothingSaysNothing() public {
        dispute();
        vm.warp(startedAt + 7 days + 1);
        jobs.resolve(job, agreed);
        settledWith(0);
        counts(0, 0, 1);
    }

    /// A micro-USD due: half of it is nothing, but there was something to be paid for.
    function test_RES04_resolve_ofTheLeastThatIsDue() public {
        vm.startPrank(OWNER);
        jobs.complete(job, agreed);
        providers.setPricing(listing, fixedPricing(1));
        vm.stopPrank();
        JobRequest memory asked = aRequest();
        asked.gpuCount = 1;
        job = request(BUYER, asked);
        routeTo(job, asked, routingTo(listing, 1));
        start(job);
        agreed = termsOf(job);
        vm.warp(block.timestamp + 1 hours);
        dispute();
        assertEq(jobs.meterOf(job).due, 1);
        vm.warp(block.timestamp + 7 days + 1);
        jobs.resolve(job, agreed);
        counts(0, 1, 1);
    }

    /* ONE SIDE GIVES IN */

    function test_RES04_complete_theBuyerConcedesAll() public {
        vm.warp(startedAt + 5 hours);
        dispute();
        vm.warp(startedAt + 2 days);
        address[4] memory others = [OWNER, STRANGER, ARBITER, ROUTER];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, others[i]));
            vm.prank(others[i]);
            jobs.complete(job, agreed);
        }
        vm.prank(BUYER);
        jobs.complete(job, agreed);
        settledWith(20 * USD);
        counts(1, 0, 1);
    }

    function test_RES04_fail_theProviderGivesUp() public {
        vm.warp(startedAt + 5 hours);
        dispute();
        vm.prank(OWNER);
        jobs.fail(job, agreed);
        assertEq(uint8(statusOf(job)), uint8(JobStatus.Failed));
        assertEq(availableOf(personal(BUYER)), before);
        assertEq(availableOf(personal(OWNER)), 0);
        counts(0, 1, 1);
    }

    /* TEAMS */

    function test_SET04_dispute_ofATeamGivesItsBudgetBack() public {
        JobId teams = jobIn(JobStatus.Disputed, TEAM_USER, aTeamRequest());
        Terms memory terms = termsOf(teams);
        Holder teamAccount = escrow.accountOfTeam(team);
        uint256 available = availableOf(teamAccount);
        vm.prank(ARBITER);
        jobs.rule(teams, terms, 0, REASON);
        assertEq(availableOf(teamAccount), available + LOCKED);
        assertEq(access.memberBudget(team, TEAM_USER).spent, 0);
    }

    /// Whatever the arbiter says and whenever: nobody gets more than there is, and nothing is lost.
    function testFuzz_RES04_dispute_conserves(uint32 ran, uint32 waited, uint64 ruling, uint8 way) public {
        vm.warp(startedAt + bound(ran, 0, 11 hours));
        dispute();
        uint64 due = jobs.meterOf(job).due;
        vm.warp(block.timestamp + bound(waited, 0, 6 days));
        uint64 paid;
        if (way % 4 == 0) {
            paid = uint64(bound(ruling, 0, due));
            rule(paid);
        } else if (way % 4 == 1) {
            paid = due / 2;
            vm.warp(block.timestamp + 8 days);
            jobs.resolve(job, agreed);
        } else if (way % 4 == 2) {
            paid = due;
            vm.prank(BUYER);
            jobs.complete(job, agreed);
        } else {
            vm.prank(OWNER);
            jobs.fail(job, agreed);
        }
        assertEq(availableOf(personal(OWNER)), paid);
        assertEq(availableOf(personal(BUYER)), before - paid);
        assertEq(lockedOf(personal(BUYER)), 0);
    }
}
