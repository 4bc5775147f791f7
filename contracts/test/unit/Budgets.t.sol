// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl, TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {JobId, TeamId} from "../../src/types/Ids.sol";
import {JobRequest, Terms} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-04: what a team and each of its members may lock in a period
contract BudgetsTest is Base {
    uint64 private constant NO_LIMIT = type(uint64).max;
    TeamId private constant NO_TEAM = TeamId.wrap(99);

    function spend(address member, uint64 amount) private {
        vm.prank(address(jobs));
        access.spend(team, member, amount);
    }

    function restore(address member, uint64 amount, uint256 spentAt) private {
        vm.prank(address(jobs));
        access.restore(team, member, amount, uint40(spentAt));
    }

    function limitTeam(uint64 limit, uint32 period) private {
        vm.prank(TEAM_ADMIN);
        access.setTeamBudget(team, limit, period);
    }

    function limitMember(address member, uint64 limit) private {
        vm.prank(TEAM_ADMIN);
        access.setMemberBudget(team, member, limit);
    }

    /// When the team's current period began.
    function periodStart() private view returns (uint256 start) {
        (,, start) = access.teamBudget(team);
    }

    function teamSpent() private view returns (uint64) {
        (IAccessControl.Budget memory budget,,) = access.teamBudget(team);
        return budget.spent;
    }

    function memberSpent(address member) private view returns (uint64) {
        return access.memberBudget(team, member).spent;
    }

    function spentIs(uint64 ofTeam, uint64 ofUser, uint64 ofAdmin) private view {
        assertEq(teamSpent(), ofTeam, "team");
        assertEq(memberSpent(TEAM_USER), ofUser, "user");
        assertEq(memberSpent(TEAM_ADMIN), ofAdmin, "admin");
    }

    /* WHO MAY */

    function test_SET04_budgets_onlyTheJobRegistryCounts() public {
        address[6] memory callers = [STRANGER, TEAM_ADMIN, TEAM_USER, ADMIN, ROUTER, address(escrow)];
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes memory refused = abi.encodeWithSelector(IAccessControl.NotJobRegistry.selector, callers[i]);
            vm.startPrank(callers[i]);
            vm.expectRevert(refused);
            access.spend(team, TEAM_USER, 1);
            vm.expectRevert(refused);
            access.restore(team, TEAM_USER, 1, uint40(block.timestamp));
            vm.expectRevert(refused);
            access.spendByKey(TEAM_USER, STRANGER, team, 1);
            vm.stopPrank();
        }
    }

    function test_SET04_budgets_onlyTheTeamsAdminSetsThem() public {
        address[4] memory callers = [STRANGER, TEAM_VIEWER, TEAM_USER, ADMIN];
        TeamRole[4] memory held = [TeamRole.None, TeamRole.Viewer, TeamRole.User, TeamRole.None];
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes memory refused =
                abi.encodeWithSelector(IAccessControl.TeamRoleRequired.selector, team, callers[i], TeamRole.Admin, held[i]);
            vm.startPrank(callers[i]);
            vm.expectRevert(refused);
            access.setTeamBudget(team, 1, 1 hours);
            vm.expectRevert(refused);
            access.setMemberBudget(team, callers[i], NO_LIMIT);
            vm.stopPrank();
        }
    }

    function test_SET04_budgets_refuseUnknownTeamsAndStrangers() public {
        bytes memory unknown = abi.encodeWithSelector(IAccessControl.UnknownTeam.selector, NO_TEAM);
        vm.expectRevert(unknown);
        access.teamBudget(NO_TEAM);
        vm.expectRevert(unknown);
        access.memberBudget(NO_TEAM, TEAM_USER);
        vm.expectRevert(unknown);
        vm.prank(TEAM_ADMIN);
        access.setTeamBudget(NO_TEAM, 1, 1 hours);
        vm.expectRevert(unknown);
        vm.prank(address(jobs));
        access.spend(NO_TEAM, TEAM_USER, 1);

        vm.expectRevert(abi.encodeWithSelector(IAccessControl.TeamRoleRequired.selector, team, STRANGER, TeamRole.Viewer, TeamRole.None));
        vm.prank(TEAM_ADMIN);
        access.setMemberBudget(team, STRANGER, 1);
    }

    function test_SET04_spend_needsAUser() public {
        spend(TEAM_USER, 1);
        spend(TEAM_ADMIN, 1);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.TeamRoleRequired.selector, team, TEAM_VIEWER, TeamRole.User, TeamRole.Viewer));
        spend(TEAM_VIEWER, 1);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.TeamRoleRequired.selector, team, STRANGER, TeamRole.User, TeamRole.None));
        spend(STRANGER, 1);
    }

    /* LIMITS */

    function test_SET04_budgets_whoeverJoinsHasNoLimitAndKeepsItsOwn() public {
        vm.startPrank(TEAM_ADMIN);
        access.setMember(team, STRANGER, TeamRole.Viewer);
        assertEq(access.memberBudget(team, STRANGER).limit, NO_LIMIT);
        access.setMemberBudget(team, STRANGER, 5);
        access.setMember(team, STRANGER, TeamRole.User);
        vm.stopPrank();
        assertEq(access.memberBudget(team, STRANGER).limit, 5);
    }

    function test_SET04_budgets_startWithoutLimitAndCount() public {
        (IAccessControl.Budget memory budget, uint32 period, uint40 start) = access.teamBudget(team);
        assertEq(budget.limit, NO_LIMIT);
        assertEq(period, 30 days);
        assertEq(start, block.timestamp - 1);
        assertEq(access.memberBudget(team, TEAM_USER).limit, NO_LIMIT);

        vm.expectEmit(address(access));
        emit IAccessControl.BudgetUsed(team, TEAM_USER, 30, 30);
        spend(TEAM_USER, 30);
        vm.expectEmit(address(access));
        emit IAccessControl.BudgetUsed(team, TEAM_ADMIN, 12, 42);
        spend(TEAM_ADMIN, 12);
        spentIs(42, 30, 12);
    }

    /// Counting never overflows: without a limit the largest number is the limit.
    function test_SET04_budgets_noLimitStillEndsAtTheLargestNumber() public {
        spend(TEAM_USER, NO_LIMIT - 1);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.MemberBudgetExceeded.selector, team, TEAM_USER, NO_LIMIT, NO_LIMIT - 1, 2));
        spend(TEAM_USER, 2);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.TeamBudgetExceeded.selector, team, NO_LIMIT, NO_LIMIT - 1, 2));
        spend(TEAM_ADMIN, 2);
        spend(TEAM_USER, 1);
    }

    function test_SET04_memberBudget_toTheCent() public {
        vm.expectEmit(address(access));
        emit IAccessControl.MemberBudgetSet(team, TEAM_USER, 100, TEAM_ADMIN);
        limitMember(TEAM_USER, 100);
        spend(TEAM_USER, 60);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.MemberBudgetExceeded.selector, team, TEAM_USER, 100, 60, 41));
        spend(TEAM_USER, 41);
        spend(TEAM_USER, 40);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.MemberBudgetExceeded.selector, team, TEAM_USER, 100, 100, 1));
        spend(TEAM_USER, 1);
        // The others have their own.
        spend(TEAM_ADMIN, 1000);
        spentIs(1100, 100, 1000);
    }

    function test_SET04_teamBudget_isOfAllTogether() public {
        vm.expectEmit(address(access));
        emit IAccessControl.TeamBudgetSet(team, 100, 30 days, TEAM_ADMIN);
        limitTeam(100, 30 days);
        spend(TEAM_USER, 60);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.TeamBudgetExceeded.selector, team, 100, 60, 41));
        spend(TEAM_ADMIN, 41);
        spend(TEAM_ADMIN, 40);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.TeamBudgetExceeded.selector, team, 100, 100, 1));
        spend(TEAM_USER, 1);
        spentIs(100, 60, 40);
    }

    function test_SET04_budgets_zeroIsNothing() public {
        limitMember(TEAM_USER, 0);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.MemberBudgetExceeded.selector, team, TEAM_USER, 0, 0, 1));
        spend(TEAM_USER, 1);
        limitTeam(0, 30 days);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.TeamBudgetExceeded.selector, team, 0, 0, 1));
        spend(TEAM_ADMIN, 1);
    }

    /// A limit below what is spent already is no error, and leaves nothing.
    function test_SET04_budgets_mayBeLoweredBelowWhatIsSpent() public {
        spend(TEAM_USER, 100);
        limitMember(TEAM_USER, 40);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.MemberBudgetExceeded.selector, team, TEAM_USER, 40, 100, 1));
        spend(TEAM_USER, 1);
        limitTeam(50, 30 days);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.TeamBudgetExceeded.selector, team, 50, 100, 1));
        spend(TEAM_ADMIN, 1);
        spentIs(100, 100, 0);
    }

    /* PERIODS */

    function test_SET04_period_hasBounds() public {
        uint32[3] memory bad = [uint32(0), 1 hours - 1, 366 days + 1];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAccessControl.InvalidPeriod.selector, bad[i], 1 hours, 366 days));
            limitTeam(1, bad[i]);
        }
        limitTeam(1, 1 hours);
        limitTeam(1, 366 days);
    }

    function test_SET04_period_rollsOverInItsExactSecond() public {
        limitTeam(100, 1 days);
        limitMember(TEAM_USER, 80);
        uint256 start = block.timestamp;
        spend(TEAM_USER, 80);

        vm.warp(start + 1 days - 1);
        spentIs(80, 80, 0);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.MemberBudgetExceeded.selector, team, TEAM_USER, 80, 80, 1));
        spend(TEAM_USER, 1);

        vm.warp(start + 1 days);
        spentIs(0, 0, 0);
        spend(TEAM_USER, 80);
        spend(TEAM_ADMIN, 20);
        spentIs(100, 80, 20);
    }

    /// Periods keep their places however long nobody spends.
    function test_SET04_period_keepsItsRhythm() public {
        limitTeam(100, 1 days);
        uint256 start = block.timestamp;
        vm.warp(start + 5 days + 7 hours);
        spend(TEAM_USER, 10);
        (,, uint40 began) = access.teamBudget(team);
        assertEq(began, start + 5 days);
        vm.warp(start + 6 days - 1);
        spentIs(10, 10, 0);
        vm.warp(start + 6 days);
        spentIs(0, 0, 0);
    }

    /// What one member spent long ago is not taken for this period's when the team has moved on.
    function test_SET04_period_ofEachMemberFollowsTheTeams() public {
        limitTeam(1000, 1 days);
        spend(TEAM_USER, 50);
        vm.warp(block.timestamp + 1 days);
        spend(TEAM_ADMIN, 5);
        spentIs(5, 0, 5);
        spend(TEAM_USER, 1);
        spentIs(6, 1, 5);
    }

    function test_SET04_period_changedStartsANewOneAtOnce() public {
        spend(TEAM_USER, 60);
        vm.warp(block.timestamp + 10);
        limitTeam(100, 7 days);
        (,, uint40 began) = access.teamBudget(team);
        assertEq(began, block.timestamp);
        spentIs(0, 0, 0);
        spend(TEAM_USER, 100);
    }

    function test_SET04_period_unchangedKeepsWhatIsSpent() public {
        uint256 start = periodStart();
        spend(TEAM_USER, 60);
        vm.warp(start + 10);
        limitTeam(100, 30 days);
        (,, uint40 began) = access.teamBudget(team);
        assertEq(began, start);
        spentIs(60, 60, 0);

        // Set in a later period that nobody has spent in yet.
        vm.warp(start + 31 days);
        limitTeam(200, 30 days);
        (,, began) = access.teamBudget(team);
        assertEq(began, start + 30 days);
        spentIs(0, 0, 0);
    }

    /* WHAT COMES BACK */

    function test_SET04_restore_givesBackToBoth() public {
        spend(TEAM_USER, 60);
        spend(TEAM_ADMIN, 30);
        vm.warp(block.timestamp + 10);
        vm.expectEmit(address(access));
        emit IAccessControl.BudgetUsed(team, TEAM_USER, 45, 75);
        restore(TEAM_USER, 15, block.timestamp - 10);
        spentIs(75, 45, 30);
    }

    /// Down to the last micro-dollar.
    function test_SET04_restore_ofACancelledJobGivesAllBack() public {
        JobRequest memory asked = aTeamRequest();
        (asked.gpuCount, asked.duration, asked.maxPricePerGpuHour) = (1, 60, 1);
        JobId job = request(TEAM_USER, asked);
        spentIs(1, 1, 0);
        Terms memory terms = termsOf(job);
        vm.prank(TEAM_USER);
        jobs.cancel(job, terms);
        spentIs(0, 0, 0);
    }

    function test_SET04_restore_neverIntoALaterPeriod() public {
        limitTeam(1000, 1 days);
        uint256 start = block.timestamp;
        vm.warp(start + 1 days - 1);
        spend(TEAM_USER, 60);

        vm.warp(start + 1 days);
        spend(TEAM_USER, 40);
        restore(TEAM_USER, 60, start + 1 days - 1);
        spentIs(40, 40, 0);
        // In a period's first second nobody can tell which of two periods it was.
        restore(TEAM_USER, 40, start + 1 days);
        spentIs(40, 40, 0);
        vm.warp(start + 1 days + 1);
        spend(TEAM_USER, 5);
        restore(TEAM_USER, 5, start + 1 days + 1);
        spentIs(40, 40, 0);
    }

    /// Nor by a period that nobody touched in between.
    function test_SET04_restore_afterManyPeriodsChangesNothing() public {
        uint256 start = block.timestamp;
        spend(TEAM_USER, 60);
        vm.warp(start + 300 days);
        restore(TEAM_USER, 60, start);
        spentIs(0, 0, 0);
        spend(TEAM_USER, 5);
        restore(TEAM_USER, 60, start);
        spentIs(5, 5, 0);
    }

    function test_SET04_restore_notIntoAPeriodThatWasBegunAnew() public {
        uint256 start = block.timestamp;
        spend(TEAM_USER, 60);
        vm.warp(start + 10);
        limitTeam(100, 7 days);
        spend(TEAM_USER, 30);
        restore(TEAM_USER, 60, start);
        spentIs(30, 30, 0);
    }

    /// Even by a change in the very second of the request.
    function test_SET04_restore_notIntoAPeriodBegunInTheSameSecond() public {
        spend(TEAM_USER, 60);
        limitTeam(100, 7 days);
        spend(TEAM_USER, 30);
        restore(TEAM_USER, 60, block.timestamp);
        spentIs(30, 30, 0);
    }

    /// A way out never fails for what the budgets do not know.
    function test_SET04_restore_neverFailsForTooMuch() public {
        spend(TEAM_USER, 60);
        restore(TEAM_USER, 1000, block.timestamp);
        spentIs(0, 0, 0);
    }

    /* WHO LEFT AND CAME BACK */

    function test_SET04_budgets_aRemovedMemberSpendsNothing() public {
        spend(TEAM_USER, 60);
        vm.prank(TEAM_ADMIN);
        access.setMember(team, TEAM_USER, TeamRole.None);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.TeamRoleRequired.selector, team, TEAM_USER, TeamRole.User, TeamRole.None));
        spend(TEAM_USER, 1);
        // What comes back of its jobs is still the team's.
        restore(TEAM_USER, 60, block.timestamp);
        spentIs(0, 0, 0);
    }

    /// Leaving and coming back is no way to a fresh budget within a period.
    function test_SET04_budgets_aReaddedMemberKeepsWhatItSpent() public {
        spend(TEAM_USER, 60);
        vm.startPrank(TEAM_ADMIN);
        access.setMember(team, TEAM_USER, TeamRole.None);
        access.setMemberWithBudget(team, TEAM_USER, TeamRole.User, 100);
        vm.stopPrank();
        assertEq(memberSpent(TEAM_USER), 60);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.MemberBudgetExceeded.selector, team, TEAM_USER, 100, 60, 41));
        spend(TEAM_USER, 41);
    }

    /* FUZZ: a period's sums against a plain list */

    function testFuzz_SET04_budgets_areTheSumsOfTheirPeriod(uint64[8] memory amounts, uint32[8] memory gaps) public {
        limitTeam(NO_LIMIT, 1 days);
        uint256 start = block.timestamp;
        uint256 current = 0;
        uint64 sum = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            vm.warp(vm.getBlockTimestamp() + gaps[i] % 2 days);
            uint64 amount = amounts[i] % 1e12;
            uint256 index = (vm.getBlockTimestamp() - start) / 1 days;
            if (index != current) (current, sum) = (index, 0);
            sum += amount;
            spend(TEAM_USER, amount);
            assertEq(teamSpent(), sum);
            assertEq(memberSpent(TEAM_USER), sum);
        }
    }
}
