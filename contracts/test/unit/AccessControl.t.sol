// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl as IOpenZeppelin} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {
    IAccessControlDefaultAdminRules as IAdminRules
} from "@openzeppelin/contracts/access/extensions/IAccessControlDefaultAdminRules.sol";

import {IAccessControl} from "../../src/interfaces/IAccessControl.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-04: the platform's roles
contract AccessControlTest is Base {
    function test_SET04_checkRouter_refusesEverybodyButTheRouter() public {
        access.checkRouter(ROUTER);
        address[6] memory callers = [STRANGER, ADMIN, PAUSER, BUYER, VERIFIER, ARBITER];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAccessControl.NotRouter.selector, callers[i]));
            access.checkRouter(callers[i]);
        }
    }

    /// Role x holder: each role is one's alone, and the administrator has none but its own.
    function test_SET04_checkRole_isExact() public {
        bytes32[5] memory roles = [bytes32(0), access.ROUTER_ROLE(), access.VERIFIER_ROLE(), access.ARBITER_ROLE(), access.PAUSER_ROLE()];
        address[5] memory holders = [ADMIN, ROUTER, VERIFIER, ARBITER, PAUSER];
        for (uint256 i = 0; i < roles.length; ++i) {
            for (uint256 j = 0; j < holders.length; ++j) {
                if (i != j) {
                    vm.expectRevert(abi.encodeWithSelector(IOpenZeppelin.AccessControlUnauthorizedAccount.selector, holders[j], roles[i]));
                }
                access.checkRole(roles[i], holders[j]);
            }
        }
    }

    function test_SET04_router_isReplacedInOneTransactionByTheAdmin() public {
        bytes32 role = access.ROUTER_ROLE();
        vm.startPrank(ADMIN);
        access.grantRole(role, STRANGER);
        access.revokeRole(role, ROUTER);
        vm.stopPrank();

        access.checkRouter(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.NotRouter.selector, ROUTER));
        access.checkRouter(ROUTER);
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

    /// In the second of the schedule it is still too early.
    function test_SET04_admin_theDelayIsExact() public {
        vm.prank(ADMIN);
        access.beginDefaultAdminTransfer(STRANGER);
        (, uint48 schedule) = access.pendingDefaultAdmin();
        assertEq(schedule, block.timestamp + 1 days);

        vm.warp(schedule);
        vm.expectRevert(abi.encodeWithSelector(IAdminRules.AccessControlEnforcedDefaultAdminDelay.selector, schedule));
        vm.prank(STRANGER);
        access.acceptDefaultAdminTransfer();

        vm.warp(schedule + 1);
        vm.expectRevert(abi.encodeWithSelector(IAdminRules.AccessControlInvalidDefaultAdmin.selector, ROUTER));
        vm.prank(ROUTER);
        access.acceptDefaultAdminTransfer();
    }

    function test_SET04_admin_isNeitherGrantedNorRevoked() public {
        vm.startPrank(ADMIN);
        vm.expectRevert(IAdminRules.AccessControlEnforcedDefaultAdminRules.selector);
        access.grantRole(0, STRANGER);
        vm.expectRevert(IAdminRules.AccessControlEnforcedDefaultAdminRules.selector);
        access.revokeRole(0, ADMIN);
        vm.stopPrank();
    }

    /// The role that rules over all others moves no money: nothing in the Escrow asks for it.
    function test_SET04_admin_withdrawsNothing() public {
        vm.startPrank(ADMIN);
        vm.expectRevert();
        escrow.withdraw(1, ADMIN);
        vm.expectRevert();
        escrow.withdrawFromTeam(team, 1, ADMIN);
        vm.stopPrank();
    }
}
