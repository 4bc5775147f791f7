// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl, TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {JobId, TeamId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Terms} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-04: keys that ask and take back in their owner's name, within limits, until a day
contract SessionsTest is Base {
    TeamId private constant OWN = TeamId.wrap(0);
    uint64 private constant LOCKED = 60 * USD;

    address private immutable KEY = makeAddr("session key");
    uint256 private granted;

    function setUp() public override {
        super.setUp();
        granted = block.timestamp;
    }

    function limits() private view returns (IAccessControl.SessionLimits memory) {
        return IAccessControl.SessionLimits({
            total: 10 * LOCKED, perPeriod: 2 * LOCKED, period: 1 days, expiresAt: uint40(granted + 30 days), team: OWN
        });
    }

    function grant(address owner, IAccessControl.SessionLimits memory given) private {
        vm.prank(owner);
        access.grantSession(KEY, given);
    }

    function ask(address owner, JobRequest memory asked) private returns (JobId job) {
        vm.prank(KEY);
        job = jobs.requestFor(owner, asked);
        requested(job, owner, asked);
    }

    function refused(address owner, JobRequest memory asked, bytes memory why) private {
        vm.expectRevert(why);
        vm.prank(KEY);
        jobs.requestFor(owner, asked);
    }

    function noSession(address owner, TeamId of_) private view returns (bytes memory) {
        return abi.encodeWithSelector(IAccessControl.NoSession.selector, owner, KEY, of_);
    }

    /* GRANTING */

    function test_SET04_grantSession_storesAndTellsAll() public {
        IAccessControl.SessionLimits memory given = limits();
        given.team = team;
        vm.expectEmit(address(access));
        emit IAccessControl.SessionGranted(BUYER, KEY, given);
        grant(BUYER, given);

        IAccessControl.Session memory wanted = IAccessControl.Session({
            total: given.total,
            spent: 0,
            perPeriod: given.perPeriod,
            periodSpent: 0,
            expiresAt: given.expiresAt,
            grantedAt: uint40(granted),
            period: 1 days,
            periodIndex: 0,
            team: team,
            epoch: 0,
            revoked: false
        });
        assertEq(abi.encode(access.sessionOf(BUYER, KEY)), abi.encode(wanted));
        assertFalse(access.isSession(BUYER, KEY, team), "its owner is no member: the key can do as little");
        vm.prank(TEAM_ADMIN);
        access.setMember(team, BUYER, TeamRole.User);
        assertTrue(access.isSession(BUYER, KEY, team));
        assertFalse(access.isSession(BUYER, KEY, OWN));
        assertFalse(access.isSession(STRANGER, KEY, team));
    }

    function test_SET04_grantSession_refusesWhatIsOfNoUse() public {
        IAccessControl.SessionLimits[4] memory bad = [limits(), limits(), limits(), limits()];
        bad[0].total = 0;
        bad[1].perPeriod = 0;
        bad[2].expiresAt = uint40(block.timestamp);
        bad[3].expiresAt = 0;
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IAccessControl.InvalidSession.selector, KEY, bad[i].expiresAt, bad[i].total, bad[i].perPeriod)
            );
            grant(BUYER, bad[i]);
        }
        IAccessControl.SessionLimits memory good = limits();
        address[2] memory keys = [address(0), BUYER];
        for (uint256 i = 0; i < keys.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IAccessControl.InvalidSession.selector, keys[i], good.expiresAt, good.total, good.perPeriod)
            );
            vm.prank(BUYER);
            access.grantSession(keys[i], good);
        }
        // A second of life is one.
        good.expiresAt = uint40(block.timestamp + 1);
        grant(BUYER, good);
    }

    /* WHAT IT MAY */

    function test_SET04_session_asksWithItsOwnersMoney() public {
        grant(BUYER, limits());
        uint256 before = availableOf(personal(BUYER));
        JobRequest memory asked = aRequest();
        JobId expected = JobId.wrap(jobs.jobCount() + 1);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobRequested(expected, BUYER, OWN, "h100", LOCKED, asked);
        vm.expectEmit(address(access));
        emit IAccessControl.SessionUsed(BUYER, KEY, LOCKED, LOCKED);
        vm.expectEmit(address(escrow));
        emit IEscrow.Locked(expected, personal(BUYER), LOCKED);
        JobId job = ask(BUYER, asked);
        jobs.checkTerms(job, termsOf(job));
        assertEq(availableOf(personal(BUYER)), before - LOCKED);
    }

    function test_SET04_session_takesBackBeforeTheStartOnly() public {
        grant(BUYER, limits());
        JobStatus[2] memory from = [JobStatus.Requested, JobStatus.Routed];
        for (uint256 i = 0; i < from.length; ++i) {
            JobId job = jobIn(from[i], BUYER, aRequest());
            Terms memory terms = termsOf(job);
            vm.prank(KEY);
            jobs.cancel(job, terms);
            assertEq(uint8(statusOf(job)), uint8(JobStatus.Cancelled));
        }
        JobId running = jobIn(JobStatus.Running, BUYER, aRequest());
        Terms memory agreed = termsOf(running);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.WrongStatus.selector, running, JobStatus.Running));
        vm.prank(KEY);
        jobs.cancel(running, agreed);
    }

    /// Everything else that its owner may do.
    function test_SET04_session_doesNothingElse() public {
        grant(BUYER, limits());
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        Terms memory terms = termsOf(job);
        bytes memory notRequester = abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, KEY);
        vm.startPrank(KEY);
        vm.expectRevert(notRequester);
        jobs.extend(job, terms, 1 hours);
        vm.expectRevert(notRequester);
        jobs.dispute(job, terms, 0);
        bytes memory notParty = abi.encodeWithSelector(IJobRegistry.NotParty.selector, job, KEY);
        vm.expectRevert(notParty);
        jobs.complete(job, terms);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, personal(KEY), 0, 1));
        escrow.withdraw(1, KEY);
        // It has no key's keys, either: what it grants is for its own empty balance.
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.NoSession.selector, KEY, BUYER, OWN));
        access.revokeSession(KEY, BUYER);
        vm.stopPrank();

        vm.prank(BUYER);
        jobs.dispute(job, terms, 0);
        vm.startPrank(KEY);
        vm.expectRevert(notParty);
        jobs.submitEvidence(job, terms, 0);
        vm.expectRevert(notRequester);
        jobs.complete(job, terms);
        vm.stopPrank();
    }

    function test_SET04_session_isOfItsOwnerAlone() public {
        grant(BUYER, limits());
        refused(TEAM_ADMIN, aRequest(), noSession(TEAM_ADMIN, OWN));
        JobId job = request(TEAM_USER, aTeamRequest());
        Terms memory terms = termsOf(job);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, KEY));
        vm.prank(KEY);
        jobs.cancel(job, terms);
    }

    /* LIMITS */

    function test_SET04_session_totalIsExactAndNothingComesBack() public {
        IAccessControl.SessionLimits memory given = limits();
        (given.total, given.perPeriod) = (2 * LOCKED - 1, type(uint64).max);
        grant(BUYER, given);
        JobId job = ask(BUYER, aRequest());
        Terms memory terms = termsOf(job);
        vm.prank(KEY);
        jobs.cancel(job, terms);

        refused(
            BUYER,
            aRequest(),
            abi.encodeWithSelector(IAccessControl.SessionTotalExceeded.selector, BUYER, KEY, 2 * LOCKED - 1, LOCKED, LOCKED)
        );
        given.total = 2 * LOCKED;
        grant(BUYER, given);
        ask(BUYER, aRequest());
        ask(BUYER, aRequest());
        JobRequest memory least = aRequest();
        least.maxPricePerGpuHour = 1;
        uint64 wanted = jobs.lockFor(least);
        refused(
            BUYER, least, abi.encodeWithSelector(IAccessControl.SessionTotalExceeded.selector, BUYER, KEY, 2 * LOCKED, 2 * LOCKED, wanted)
        );
    }

    function test_SET04_session_periodIsExact() public {
        grant(BUYER, limits());
        ask(BUYER, aRequest());
        ask(BUYER, aRequest());
        bytes memory full =
            abi.encodeWithSelector(IAccessControl.SessionPeriodExceeded.selector, BUYER, KEY, 2 * LOCKED, 2 * LOCKED, LOCKED);
        refused(BUYER, aRequest(), full);
        vm.warp(granted + 1 days - 1);
        refused(BUYER, aRequest(), full);

        vm.warp(granted + 1 days);
        vm.expectEmit(address(access));
        emit IAccessControl.SessionUsed(BUYER, KEY, 3 * LOCKED, LOCKED);
        ask(BUYER, aRequest());
        IAccessControl.Session memory held = access.sessionOf(BUYER, KEY);
        assertEq(held.periodIndex, 1);
        assertEq(held.spent, 3 * LOCKED);
        assertEq(held.periodSpent, LOCKED);

        // Periods keep their places however long nobody asks.
        vm.warp(granted + 7 days - 1);
        ask(BUYER, aRequest());
        ask(BUYER, aRequest());
        vm.warp(granted + 7 days);
        ask(BUYER, aRequest());
    }

    function test_SET04_session_withoutPeriodHasOne() public {
        IAccessControl.SessionLimits memory given = limits();
        given.period = 0;
        grant(BUYER, given);
        ask(BUYER, aRequest());
        ask(BUYER, aRequest());
        vm.warp(granted + 29 days);
        refused(
            BUYER,
            aRequest(),
            abi.encodeWithSelector(IAccessControl.SessionPeriodExceeded.selector, BUYER, KEY, 2 * LOCKED, 2 * LOCKED, LOCKED)
        );
    }

    function test_SET04_session_expiresInItsExactSecond() public {
        grant(BUYER, limits());
        vm.warp(granted + 30 days - 1);
        JobId job = ask(BUYER, aRequest());
        assertTrue(access.isSession(BUYER, KEY, OWN));

        vm.warp(granted + 30 days);
        assertFalse(access.isSession(BUYER, KEY, OWN));
        refused(BUYER, aRequest(), noSession(BUYER, OWN));
        Terms memory terms = termsOf(job);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, KEY));
        vm.prank(KEY);
        jobs.cancel(job, terms);
    }

    /* REVOKING */

    function test_SET04_revokeSession_byItsOwnerOrItself() public {
        address[2] memory callers = [BUYER, KEY];
        for (uint256 i = 0; i < callers.length; ++i) {
            grant(BUYER, limits());
            JobId job = ask(BUYER, aRequest());
            vm.expectEmit(address(access));
            emit IAccessControl.SessionRevoked(BUYER, KEY);
            vm.prank(callers[i]);
            access.revokeSession(BUYER, KEY);
            assertFalse(access.isSession(BUYER, KEY, OWN));
            refused(BUYER, aRequest(), noSession(BUYER, OWN));
            Terms memory terms = termsOf(job);
            vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, KEY));
            vm.prank(KEY);
            jobs.cancel(job, terms);
        }
    }

    function test_SET04_revokeSession_refusesOthersAndWhatWasNeverGranted() public {
        vm.expectRevert(noSession(BUYER, OWN));
        vm.prank(BUYER);
        access.revokeSession(BUYER, KEY);
        grant(BUYER, limits());
        address[3] memory callers = [STRANGER, ADMIN, TEAM_ADMIN];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(noSession(BUYER, OWN));
            vm.prank(callers[i]);
            access.revokeSession(BUYER, KEY);
        }
        assertTrue(access.isSession(BUYER, KEY, OWN));
    }

    function test_SET04_revokeAllSessions_untilGrantedAgain() public {
        grant(BUYER, limits());
        grant(TEAM_ADMIN, limits());
        address second = makeAddr("second key");
        vm.startPrank(BUYER);
        access.grantSession(second, limits());
        vm.expectEmit(address(access));
        emit IAccessControl.AllSessionsRevoked(BUYER, 1);
        access.revokeAllSessions();
        vm.stopPrank();
        assertFalse(access.isSession(BUYER, KEY, OWN));
        assertFalse(access.isSession(BUYER, second, OWN));
        // Somebody else's key, even if it is the same one.
        assertTrue(access.isSession(TEAM_ADMIN, KEY, OWN));
        refused(BUYER, aRequest(), noSession(BUYER, OWN));

        grant(BUYER, limits());
        assertTrue(access.isSession(BUYER, KEY, OWN));
        assertFalse(access.isSession(BUYER, second, OWN));
        ask(BUYER, aRequest());
    }

    function test_SET04_grantSession_replacesWhatWasGrantedBefore() public {
        grant(BUYER, limits());
        ask(BUYER, aRequest());
        IAccessControl.SessionLimits memory given = limits();
        given.total = LOCKED;
        grant(BUYER, given);
        IAccessControl.Session memory held = access.sessionOf(BUYER, KEY);
        assertEq(held.spent + held.periodSpent, 0);
        ask(BUYER, aRequest());
        refused(BUYER, aRequest(), abi.encodeWithSelector(IAccessControl.SessionTotalExceeded.selector, BUYER, KEY, LOCKED, LOCKED, LOCKED));
        // And what was revoked.
        vm.prank(BUYER);
        access.revokeSession(BUYER, KEY);
        grant(BUYER, limits());
        ask(BUYER, aRequest());
    }

    /* TEAMS */

    function teamLimits() private view returns (IAccessControl.SessionLimits memory given) {
        given = limits();
        given.team = team;
    }

    function test_SET04_session_ofATeamSpendsWithinItsOwnersBudget() public {
        vm.prank(TEAM_ADMIN);
        access.setMemberBudget(team, TEAM_USER, 2 * LOCKED - 1);
        grant(TEAM_USER, teamLimits());
        vm.expectEmit(address(access));
        emit IAccessControl.BudgetUsed(team, TEAM_USER, LOCKED, LOCKED);
        JobId job = ask(TEAM_USER, aTeamRequest());
        refused(
            TEAM_USER,
            aTeamRequest(),
            abi.encodeWithSelector(IAccessControl.MemberBudgetExceeded.selector, team, TEAM_USER, 2 * LOCKED - 1, LOCKED, LOCKED)
        );
        // The refused request counted nowhere.
        assertEq(access.sessionOf(TEAM_USER, KEY).spent, LOCKED);

        // What comes back is the budget's again, not the key's.
        Terms memory terms = termsOf(job);
        vm.prank(KEY);
        jobs.cancel(job, terms);
        assertEq(access.memberBudget(team, TEAM_USER).spent, 0);
        assertEq(access.sessionOf(TEAM_USER, KEY).spent, LOCKED);
    }

    function test_SET04_session_isForOneMoneyOnly() public {
        grant(TEAM_USER, teamLimits());
        refused(TEAM_USER, aRequest(), noSession(TEAM_USER, OWN));
        grant(TEAM_USER, limits());
        refused(TEAM_USER, aTeamRequest(), noSession(TEAM_USER, team));
    }

    function test_SET04_session_asksNothingOnceItsOwnerLeftTheTeam() public {
        grant(TEAM_USER, teamLimits());
        ask(TEAM_USER, aTeamRequest());
        TeamRole[2] memory roles = [TeamRole.Viewer, TeamRole.None];
        for (uint256 i = 0; i < roles.length; ++i) {
            vm.prank(TEAM_ADMIN);
            access.setMember(team, TEAM_USER, roles[i]);
            refused(
                TEAM_USER,
                aTeamRequest(),
                abi.encodeWithSelector(IAccessControl.TeamRoleRequired.selector, team, TEAM_USER, TeamRole.User, roles[i])
            );
        }
    }

    /// Anyone may grant a key for a team that it is not in: it opens nothing.
    function test_SET04_session_ofAStrangerOpensNoTeam() public {
        grant(STRANGER, teamLimits());
        refused(
            STRANGER,
            aTeamRequest(),
            abi.encodeWithSelector(IAccessControl.TeamRoleRequired.selector, team, STRANGER, TeamRole.User, TeamRole.None)
        );
        JobId job = request(TEAM_USER, aTeamRequest());
        Terms memory terms = termsOf(job);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, KEY));
        vm.prank(KEY);
        jobs.cancel(job, terms);
    }
}
