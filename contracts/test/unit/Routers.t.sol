// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "../../src/interfaces/IAccessControl.sol";
import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {Account as Holder, JobId} from "../../src/types/Ids.sol";
import {JobRequest, Routing, Terms} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title AGT-09, SET-04: who may route is known at once wherever it changes
/// @notice The JobRegistry remembers it; each change of a role or a bond has to reach it in its own transaction.
contract RoutersTest is Base {
    address private immutable SECOND = makeAddr("second router");
    bytes32 private role;

    function setUp() public override {
        super.setUp();
        role = access.ROUTER_ROLE();
    }

    /// Whether `router` routes a job, and if not, what it is told.
    function routesOr(address router, bytes memory why) private {
        JobRequest memory asked = aRequest();
        JobId job = request(BUYER, asked);
        Terms memory terms = termsOf(job);
        Routing memory routing = aRouting();
        uint256 before = vm.snapshotState();
        if (why.length > 0) vm.expectRevert(why);
        vm.prank(router);
        jobs.route(job, terms, asked, routing);
        vm.revertToState(before);
    }

    function routes(address router) private {
        routesOr(router, "");
    }

    function notRouter(address router) private {
        routesOr(router, abi.encodeWithSelector(IAccessControl.NotRouter.selector, router));
    }

    function bondTooSmall(address router, uint256 standing) private {
        routesOr(router, abi.encodeWithSelector(IEscrow.BondTooSmall.selector, router, standing, 100 * USD));
    }

    function grant(address router) private {
        vm.prank(ADMIN);
        access.grantRole(role, router);
    }

    function test_AGT09_router_roleThenBond() public {
        notRouter(SECOND);
        grant(SECOND);
        bondTooSmall(SECOND, 0);
        postBond(SECOND, 100 * USD - 1);
        bondTooSmall(SECOND, 100 * USD - 1);
        postBond(SECOND, 1);
        routes(SECOND);
    }

    function test_AGT09_router_bondThenRole() public {
        postBond(SECOND, 100 * USD);
        notRouter(SECOND);
        grant(SECOND);
        routes(SECOND);
    }

    function test_SET04_router_stopsWithItsRole() public {
        routes(ROUTER);
        vm.prank(ADMIN);
        access.revokeRole(role, ROUTER);
        notRouter(ROUTER);
        grant(ROUTER);
        routes(ROUTER);
        vm.prank(ROUTER);
        access.renounceRole(role, ROUTER);
        notRouter(ROUTER);
    }

    function test_AGT09_router_stopsWithItsBond() public {
        vm.startPrank(ROUTER);
        escrow.announceBondExit(900 * USD + 1);
        vm.stopPrank();
        bondTooSmall(ROUTER, 100 * USD - 1);
        vm.prank(ROUTER);
        escrow.announceBondExit(900 * USD);
        routes(ROUTER);
        vm.warp(block.timestamp + 3 days);
        vm.prank(ROUTER);
        escrow.withdrawBond();
        routes(ROUTER);
        // One penalty more than it can stand.
        Holder buyer = personal(BUYER);
        vm.prank(address(challenges));
        escrow.slash(ROUTER, JobId.wrap(1), 1, buyer, 0, buyer);
        bondTooSmall(ROUTER, 100 * USD - 1);
        postBond(ROUTER, 1);
        routes(ROUTER);
    }

    /// Anyone may ask for a fresh look; it finds what is, and gives nobody anything.
    function test_AGT09_refreshRouter_givesNobodyAnything() public {
        address[4] memory nobodies = [STRANGER, BUYER, ADMIN, SECOND];
        for (uint256 i = 0; i < nobodies.length; ++i) {
            vm.prank(nobodies[i]);
            jobs.refreshRouter(nobodies[i]);
            notRouter(nobodies[i]);
        }
        vm.prank(STRANGER);
        jobs.refreshRouter(ROUTER);
        routes(ROUTER);
    }

    /// The other roles' changes are no routers'.
    function test_SET04_router_otherRolesChangeNothing() public {
        bytes32 pauser = access.PAUSER_ROLE();
        postBond(SECOND, 100 * USD);
        vm.startPrank(ADMIN);
        access.grantRole(pauser, SECOND);
        access.grantRole(pauser, ROUTER);
        access.revokeRole(pauser, ROUTER);
        vm.stopPrank();
        notRouter(SECOND);
        routes(ROUTER);
    }

    /// Whatever happens to role and bond in whatever order: it routes exactly when it has both.
    function testFuzz_AGT09_router_routesExactlyWithBoth(uint8[12] memory steps) public {
        postBond(SECOND, 300 * USD);
        Holder buyer = personal(BUYER);
        for (uint256 i = 0; i < steps.length; ++i) {
            uint8 step = steps[i] % 6;
            if (step == 0) grant(SECOND);
            if (step == 1) {
                vm.prank(ADMIN);
                access.revokeRole(role, SECOND);
            }
            uint96 held = escrow.bondOf(SECOND).amount;
            if (step == 2) {
                vm.prank(SECOND);
                escrow.announceBondExit(held * (steps[i] / 6) / 42);
            }
            if (step == 3 && escrow.bondOf(SECOND).leaving > 0) {
                vm.warp(vm.getBlockTimestamp() + 3 days);
                vm.prank(SECOND);
                escrow.withdrawBond();
            }
            if (step == 4) {
                vm.prank(address(challenges));
                escrow.slash(SECOND, JobId.wrap(1), 40 * USD, buyer, 0, buyer);
            }
            if (step == 5) postBond(SECOND, 50 * USD);

            IEscrow.Bond memory bond = escrow.bondOf(SECOND);
            if (!access.hasRole(role, SECOND)) notRouter(SECOND);
            else if (bond.amount - bond.leaving < 100 * USD) bondTooSmall(SECOND, bond.amount - bond.leaving);
            else routes(SECOND);
        }
    }
}
