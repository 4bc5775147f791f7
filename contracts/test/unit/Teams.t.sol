// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl, TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {TeamId} from "../../src/types/Ids.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-04: teams and their members
contract TeamsTest is Base {
    TeamId private constant NO_TEAM = TeamId.wrap(99);

    function roleError(TeamId of_, address caller, TeamRole required, TeamRole held) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessControl.TeamRoleRequired.selector, of_, caller, required, held);
    }

    function test_SET04_createTeam_makesTheCallerItsAdmin() public {
        TeamId expected = TeamId.wrap(access.teamCount() + 1);
        vm.expectEmit(address(access));
        emit IAccessControl.TeamCreated(expected, STRANGER, "Lab");
        vm.expectEmit(address(access));
        emit IAccessControl.MemberSet(expected, STRANGER, TeamRole.Admin, STRANGER);
        vm.expectEmit(address(access));
        emit IAccessControl.TeamBudgetSet(expected, type(uint64).max, 30 days, STRANGER);
        vm.expectEmit(address(access));
        emit IAccessControl.MemberBudgetSet(expected, STRANGER, type(uint64).max, STRANGER);
        vm.prank(STRANGER);
        TeamId made = access.createTeam("Lab");

        assertEq(TeamId.unwrap(made), TeamId.unwrap(expected));
        assertEq(access.teamCount(), TeamId.unwrap(made));
        assertEq(uint8(access.roleOf(made, STRANGER)), uint8(TeamRole.Admin));
    }

    function test_SET04_createTeam_refusesAnEmptyName() public {
        vm.expectRevert(IAccessControl.EmptyTeamName.selector);
        access.createTeam("");
    }

    function test_SET04_renameTeam() public {
        vm.expectEmit(address(access));
        emit IAccessControl.TeamRenamed(team, "Science");
        vm.prank(TEAM_ADMIN);
        access.renameTeam(team, "Science");

        vm.expectRevert(IAccessControl.EmptyTeamName.selector);
        vm.prank(TEAM_ADMIN);
        access.renameTeam(team, "");

        vm.expectRevert(roleError(team, TEAM_USER, TeamRole.Admin, TeamRole.User));
        vm.prank(TEAM_USER);
        access.renameTeam(team, "Mine");

        vm.expectRevert(abi.encodeWithSelector(IAccessControl.UnknownTeam.selector, NO_TEAM));
        vm.prank(TEAM_ADMIN);
        access.renameTeam(NO_TEAM, "Nobody's");
    }

    function test_SET04_setMember_onlyTheTeamsAdmin() public {
        address[4] memory callers = [STRANGER, TEAM_VIEWER, TEAM_USER, ADMIN];
        TeamRole[4] memory held = [TeamRole.None, TeamRole.Viewer, TeamRole.User, TeamRole.None];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(roleError(team, callers[i], TeamRole.Admin, held[i]));
            vm.prank(callers[i]);
            access.setMember(team, callers[i], TeamRole.Admin);
        }
    }

    function test_SET04_setMember_anotherTeamsAdminHasNoSayHere() public {
        vm.prank(STRANGER);
        TeamId other = access.createTeam("Other");
        vm.expectRevert(roleError(team, STRANGER, TeamRole.Admin, TeamRole.None));
        vm.prank(STRANGER);
        access.setMember(team, STRANGER, TeamRole.Viewer);
        vm.expectRevert(roleError(other, TEAM_ADMIN, TeamRole.Admin, TeamRole.None));
        vm.prank(TEAM_ADMIN);
        access.setMember(other, STRANGER, TeamRole.None);
    }

    function test_SET04_setMember_setsEveryRole() public {
        TeamRole[5] memory roles = [TeamRole.Viewer, TeamRole.User, TeamRole.Admin, TeamRole.User, TeamRole.None];
        for (uint256 i = 0; i < roles.length; ++i) {
            vm.expectEmit(address(access));
            emit IAccessControl.MemberSet(team, STRANGER, roles[i], TEAM_ADMIN);
            vm.prank(TEAM_ADMIN);
            access.setMember(team, STRANGER, roles[i]);
            assertEq(uint8(access.roleOf(team, STRANGER)), uint8(roles[i]));
        }
    }

    function test_SET04_setMember_refusesZeroAndUnknown() public {
        vm.expectRevert(IAccessControl.ZeroMember.selector);
        vm.prank(TEAM_ADMIN);
        access.setMember(team, address(0), TeamRole.User);

        vm.expectRevert(abi.encodeWithSelector(IAccessControl.UnknownTeam.selector, NO_TEAM));
        vm.prank(TEAM_ADMIN);
        access.setMember(NO_TEAM, STRANGER, TeamRole.User);
    }

    function test_SET04_setMember_aMemberLeavesByItself() public {
        vm.prank(TEAM_VIEWER);
        access.setMember(team, TEAM_VIEWER, TeamRole.None);
        assertEq(uint8(access.roleOf(team, TEAM_VIEWER)), uint8(TeamRole.None));

        // Who has left, or was never there, says nothing in the team's name.
        vm.expectRevert(roleError(team, TEAM_VIEWER, TeamRole.Admin, TeamRole.None));
        vm.prank(TEAM_VIEWER);
        access.setMember(team, TEAM_VIEWER, TeamRole.None);
    }

    function test_SET04_setMember_theLastAdminStays() public {
        TeamRole[3] memory lower = [TeamRole.None, TeamRole.Viewer, TeamRole.User];
        for (uint256 i = 0; i < lower.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAccessControl.LastAdmin.selector, team, TEAM_ADMIN));
            vm.prank(TEAM_ADMIN);
            access.setMember(team, TEAM_ADMIN, lower[i]);
        }

        // Setting Admin again changes no count, so that a second Admin is really one.
        vm.startPrank(TEAM_ADMIN);
        access.setMember(team, TEAM_ADMIN, TeamRole.Admin);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.LastAdmin.selector, team, TEAM_ADMIN));
        access.setMember(team, TEAM_ADMIN, TeamRole.None);

        access.setMember(team, STRANGER, TeamRole.Admin);
        access.setMember(team, TEAM_ADMIN, TeamRole.None);
        vm.stopPrank();

        vm.expectRevert(abi.encodeWithSelector(IAccessControl.LastAdmin.selector, team, STRANGER));
        vm.prank(STRANGER);
        access.setMember(team, STRANGER, TeamRole.None);
    }

    /// Role x role: who has at least what.
    function test_SET04_checkTeamRole_isAnOrder() public {
        address[4] memory people = [STRANGER, TEAM_VIEWER, TEAM_USER, TEAM_ADMIN];
        for (uint8 held = 0; held < 4; ++held) {
            for (uint8 required = 0; required < 4; ++required) {
                if (held < required) vm.expectRevert(roleError(team, people[held], TeamRole(required), TeamRole(held)));
                access.checkTeamRole(people[held], team, TeamRole(required));
            }
        }
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.UnknownTeam.selector, NO_TEAM));
        access.checkTeamRole(STRANGER, NO_TEAM, TeamRole.Viewer);
    }

    /// A member that is new starts without a limit, and that is told; a change of role leaves its budget alone.
    function test_SET04_setMember_tellsANewMembersBudget() public {
        vm.startPrank(TEAM_ADMIN);
        vm.expectEmit(address(access));
        emit IAccessControl.MemberBudgetSet(team, STRANGER, type(uint64).max, TEAM_ADMIN);
        access.setMember(team, STRANGER, TeamRole.User);
        access.setMemberBudget(team, STRANGER, 5);
        access.setMember(team, STRANGER, TeamRole.Admin);
        access.setMember(team, STRANGER, TeamRole.User);
        vm.stopPrank();
        assertEq(access.memberBudget(team, STRANGER).limit, 5);
    }

    function test_SET04_setMemberWithBudget() public {
        vm.expectEmit(address(access));
        emit IAccessControl.MemberSet(team, STRANGER, TeamRole.User, TEAM_ADMIN);
        vm.expectEmit(address(access));
        emit IAccessControl.MemberBudgetSet(team, STRANGER, 7, TEAM_ADMIN);
        vm.prank(TEAM_ADMIN);
        access.setMemberWithBudget(team, STRANGER, TeamRole.User, 7);
        assertEq(uint8(access.roleOf(team, STRANGER)), uint8(TeamRole.User));
        assertEq(access.memberBudget(team, STRANGER).limit, 7);

        // Nobody raises its own budget, and who is no member has none.
        vm.expectRevert(roleError(team, STRANGER, TeamRole.Admin, TeamRole.User));
        vm.prank(STRANGER);
        access.setMemberWithBudget(team, STRANGER, TeamRole.User, 8);
        vm.startPrank(TEAM_ADMIN);
        vm.expectRevert(roleError(team, STRANGER, TeamRole.Viewer, TeamRole.None));
        access.setMemberWithBudget(team, STRANGER, TeamRole.None, 8);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.LastAdmin.selector, team, TEAM_ADMIN));
        access.setMemberWithBudget(team, TEAM_ADMIN, TeamRole.User, 8);
        vm.stopPrank();
    }

    /// One letter is a name.
    function test_SET04_teams_ofOneLetter() public {
        vm.startPrank(TEAM_ADMIN);
        TeamId made = access.createTeam("A");
        vm.expectEmit(address(access));
        emit IAccessControl.TeamRenamed(made, "B");
        access.renameTeam(made, "B");
        vm.stopPrank();
    }
}
