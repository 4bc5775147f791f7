// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl as IOpenZeppelin} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {
    IAccessControlDefaultAdminRules as IAdminRules
} from "@openzeppelin/contracts/access/extensions/IAccessControlDefaultAdminRules.sol";

import {IAccessControl, TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {TeamId} from "../../src/types/Ids.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-04: the platform's roles, and teams
contract AccessControlTest is Base {
    TeamId private constant NO_TEAM = TeamId.wrap(99);

    function roleError(TeamId of_, address caller, TeamRole required, TeamRole held) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessControl.TeamRoleRequired.selector, of_, caller, required, held);
    }

    /* PLATFORM */

    function test_SET04_pause_refusesWithoutRole() public {
        address[3] memory callers = [STRANGER, ADMIN, ROUTER];
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes memory refused =
                abi.encodeWithSelector(IOpenZeppelin.AccessControlUnauthorizedAccount.selector, callers[i], access.PAUSER_ROLE());
            vm.startPrank(callers[i]);
            vm.expectRevert(refused);
            access.pause();
            vm.expectRevert(refused);
            access.unpause();
            vm.stopPrank();
        }
    }

    function test_SET04_pause_stopsRequestsAndRoutesUntilUnpaused() public {
        vm.expectEmit(address(access));
        emit IAccessControl.Paused(PAUSER);
        vm.prank(PAUSER);
        access.pause();
        assertTrue(access.paused());

        vm.expectRevert(IAccessControl.IsPaused.selector);
        access.checkRequest(BUYER, TeamId.wrap(0));
        vm.expectRevert(IAccessControl.IsPaused.selector);
        access.checkRoute(ROUTER);

        vm.expectEmit(address(access));
        emit IAccessControl.Unpaused(PAUSER);
        vm.prank(PAUSER);
        access.unpause();
        assertFalse(access.paused());
        access.checkRequest(BUYER, TeamId.wrap(0));
        access.checkRoute(ROUTER);
    }

    function test_SET04_checkRoute_refusesEverybodyButTheRouter() public {
        address[4] memory callers = [STRANGER, ADMIN, PAUSER, BUYER];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAccessControl.NotRouter.selector, callers[i]));
            access.checkRoute(callers[i]);
        }
    }

    function test_SET04_router_isReplacedInOneTransactionByTheAdmin() public {
        bytes32 role = access.ROUTER_ROLE();
        vm.startPrank(ADMIN);
        access.grantRole(role, STRANGER);
        access.revokeRole(role, ROUTER);
        vm.stopPrank();

        access.checkRoute(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.NotRouter.selector, ROUTER));
        access.checkRoute(ROUTER);
    }

    function test_SET04_roles_onlyTheAdminGrants() public {
        bytes32[4] memory roles = [access.ROUTER_ROLE(), access.VERIFIER_ROLE(), access.ARBITER_ROLE(), access.PAUSER_ROLE()];
        address[5] memory callers = [STRANGER, ROUTER, VERIFIER, ARBITER, PAUSER];
        for (uint256 i = 0; i < roles.length; ++i) {
            for (uint256 j = 0; j < callers.length; ++j) {
                vm.expectRevert(abi.encodeWithSelector(IOpenZeppelin.AccessControlUnauthorizedAccount.selector, callers[j], bytes32(0)));
                vm.prank(callers[j]);
                access.grantRole(roles[i], callers[j]);
            }
        }
    }

    function test_SET04_admin_changesInTwoStepsAndAfterTheDelay() public {
        vm.prank(ADMIN);
        access.beginDefaultAdminTransfer(STRANGER);

        (, uint48 schedule) = access.pendingDefaultAdmin();
        vm.expectRevert(abi.encodeWithSelector(IAdminRules.AccessControlEnforcedDefaultAdminDelay.selector, schedule));
        vm.prank(STRANGER);
        access.acceptDefaultAdminTransfer();

        vm.warp(block.timestamp + 1 days + 1);
        vm.prank(STRANGER);
        access.acceptDefaultAdminTransfer();
        assertEq(access.defaultAdmin(), STRANGER);
    }

    /* TEAMS */

    function test_SET04_createTeam_makesTheCallerItsAdmin() public {
        TeamId expected = TeamId.wrap(access.teamCount() + 1);
        vm.expectEmit(address(access));
        emit IAccessControl.TeamCreated(expected, STRANGER, "Lab");
        vm.expectEmit(address(access));
        emit IAccessControl.MemberSet(expected, STRANGER, TeamRole.Admin, STRANGER);
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

    function test_SET04_checkRequest_needsAUserOfTheTeam() public {
        access.checkRequest(STRANGER, TeamId.wrap(0));
        access.checkRequest(TEAM_USER, team);
        access.checkRequest(TEAM_ADMIN, team);
        vm.expectRevert(roleError(team, TEAM_VIEWER, TeamRole.User, TeamRole.Viewer));
        access.checkRequest(TEAM_VIEWER, team);
        vm.expectRevert(roleError(team, STRANGER, TeamRole.User, TeamRole.None));
        access.checkRequest(STRANGER, team);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.UnknownTeam.selector, NO_TEAM));
        access.checkRequest(STRANGER, NO_TEAM);
    }
}
