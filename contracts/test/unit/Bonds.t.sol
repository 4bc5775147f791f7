// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {Account as Holder, JobId} from "../../src/types/Ids.sol";
import {JobRequest} from "../../src/types/Job.sol";
import {Routing, Terms} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title AGT-09: what a router answers with for its decisions
contract BondsTest is Base {
    JobId private constant JOB = JobId.wrap(7);
    uint96 private constant BOND = 1000 * USD;

    function standing() private view returns (uint96, uint96, uint40) {
        IEscrow.Bond memory bond = escrow.bondOf(ROUTER);
        return (bond.amount, bond.leaving, bond.leavesAt);
    }

    function bondIs(uint96 amount, uint96 leaving, uint256 leavesAt) private view {
        (uint96 heldAmount, uint96 heldLeaving, uint40 heldAt) = standing();
        assertEq(heldAmount, amount, "amount");
        assertEq(heldLeaving, leaving, "leaving");
        assertEq(heldAt, leavesAt, "leavesAt");
    }

    function slash(uint96 amount, uint96 reward) private returns (uint96) {
        Holder challenger = personal(STRANGER);
        Holder buyer = personal(BUYER);
        vm.prank(address(challenges));
        return escrow.slash(ROUTER, JOB, amount, challenger, reward, buyer);
    }

    /* POST */

    function test_AGT09_postBond_movesItsOwnAvailableMoney() public {
        vm.startPrank(ROUTER);
        escrow.deposit(50);
        vm.expectEmit(address(escrow));
        emit IEscrow.BondPosted(ROUTER, 50, BOND + 50);
        escrow.postBond(50);
        vm.stopPrank();
        bondIs(BOND + 50, 0, 0);
        assertEq(availableOf(personal(ROUTER)), 0);
    }

    function test_AGT09_postBond_refuses() public {
        vm.startPrank(ROUTER);
        vm.expectRevert(IEscrow.ZeroAmount.selector);
        escrow.postBond(0);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, personal(ROUTER), 0, 1));
        escrow.postBond(1);
        vm.stopPrank();
        // What is locked for a job is nobody's to put aside.
        request(BUYER, aRequest());
        uint256 free = availableOf(personal(BUYER));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, personal(BUYER), free, free + 1));
        vm.prank(BUYER);
        escrow.postBond(uint96(free + 1));
    }

    /// A bond is no balance: it neither pays for jobs nor leaves by the ordinary way.
    function test_AGT09_bond_isNoBalance() public {
        vm.startPrank(ROUTER);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, personal(ROUTER), 0, 1));
        escrow.withdraw(1, ROUTER);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, personal(ROUTER), 0, 60 * USD));
        jobs.request(aRequest());
        vm.stopPrank();
    }

    /* LEAVE */

    function test_AGT09_bond_leavesAfterTheDelayExactly() public {
        uint256 leavesAt = block.timestamp + 3 days;
        vm.expectEmit(address(escrow));
        emit IEscrow.BondLeaving(ROUTER, 400 * USD, uint40(leavesAt));
        vm.prank(ROUTER);
        escrow.announceBondExit(400 * USD);
        bondIs(BOND, 400 * USD, leavesAt);

        vm.warp(leavesAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.BondNotFree.selector, ROUTER, leavesAt, leavesAt - 1));
        vm.prank(ROUTER);
        escrow.withdrawBond();

        vm.warp(leavesAt);
        vm.expectEmit(address(escrow));
        emit IEscrow.BondWithdrawn(ROUTER, 400 * USD, 600 * USD);
        vm.prank(ROUTER);
        escrow.withdrawBond();
        bondIs(600 * USD, 0, 0);
        assertEq(availableOf(personal(ROUTER)), 400 * USD);

        vm.expectRevert(IEscrow.ZeroAmount.selector);
        vm.prank(ROUTER);
        escrow.withdrawBond();
    }

    function test_AGT09_announceBondExit_replacesAndStartsAnew() public {
        uint256 start = block.timestamp;
        vm.startPrank(ROUTER);
        escrow.announceBondExit(10 * USD);
        vm.warp(start + 3 days - 1);
        escrow.announceBondExit(400 * USD);
        bondIs(BOND, 400 * USD, start + 6 days - 1);
        vm.warp(start + 3 days);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.BondNotFree.selector, ROUTER, start + 6 days - 1, start + 3 days));
        escrow.withdrawBond();
        // And is taken back by announcing nothing.
        escrow.announceBondExit(0);
        vm.warp(start + 30 days);
        vm.expectRevert(IEscrow.ZeroAmount.selector);
        escrow.withdrawBond();
        vm.stopPrank();
        escrow.checkBond(ROUTER);
    }

    function test_AGT09_announceBondExit_neverMoreThanThereIs() public {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.BondTooSmall.selector, ROUTER, BOND, BOND + 1));
        vm.prank(ROUTER);
        escrow.announceBondExit(BOND + 1);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.BondTooSmall.selector, STRANGER, 0, 1));
        vm.prank(STRANGER);
        escrow.announceBondExit(1);
    }

    /* ROUTING NEEDS IT */

    function test_AGT09_route_needsTheSmallestBondToTheCent() public {
        JobRequest memory asked = aRequest();
        JobId job = request(BUYER, asked);
        Terms memory terms = termsOf(job);
        Routing memory routing = aRouting();
        uint256 before = vm.snapshotState();
        vm.startPrank(ROUTER);
        escrow.announceBondExit(900 * USD + 1);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.BondTooSmall.selector, ROUTER, 100 * USD - 1, 100 * USD));
        jobs.route(job, terms, asked, routing);
        escrow.announceBondExit(900 * USD);
        jobs.route(job, terms, asked, routing);
        vm.stopPrank();
        vm.revertToState(before);

        bytes32 role = access.ROUTER_ROLE();
        vm.prank(ADMIN);
        access.grantRole(role, STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.BondTooSmall.selector, STRANGER, 0, 100 * USD));
        vm.prank(STRANGER);
        jobs.route(job, terms, asked, routing);
    }

    function test_AGT09_split_needsTheBondToo() public {
        JobRequest memory asked = aRequest();
        asked.maxParts = 2;
        JobId job = request(BUYER, asked);
        Terms memory terms = termsOf(job);
        uint16[] memory counts = new uint16[](2);
        (counts[0], counts[1]) = (1, 1);
        vm.startPrank(ROUTER);
        escrow.announceBondExit(BOND);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.BondTooSmall.selector, ROUTER, 0, 100 * USD));
        jobs.split(job, terms, asked, counts);
        vm.stopPrank();
    }

    /* SLASH */

    function test_AGT09_slashAndForfeit_onlyTheChallenge() public {
        address[7] memory callers = [STRANGER, BUYER, ADMIN, ROUTER, ARBITER, address(jobs), address(providers)];
        Holder own = personal(STRANGER);
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes memory refused = abi.encodeWithSelector(IEscrow.NotChallenge.selector, callers[i]);
            vm.startPrank(callers[i]);
            vm.expectRevert(refused);
            escrow.slash(ROUTER, JOB, 1, own, 1, own);
            vm.expectRevert(refused);
            escrow.forfeit(BUYER, JOB, 1, ROUTER);
            vm.stopPrank();
        }
    }

    function test_AGT09_slash_paysChallengerAndBuyer() public {
        uint256 before = availableOf(personal(BUYER));
        vm.expectEmit(address(escrow));
        emit IEscrow.BondSlashed(ROUTER, JOB, 50 * USD, personal(STRANGER), 20 * USD, personal(BUYER));
        assertEq(slash(50 * USD, 20 * USD), 50 * USD);
        bondIs(950 * USD, 0, 0);
        assertEq(availableOf(personal(STRANGER)), 20 * USD);
        assertEq(availableOf(personal(BUYER)), before + 30 * USD);
    }

    /// The challenger first, and never more than there is.
    function test_AGT09_slash_biggerThanTheBond() public {
        uint256 before = availableOf(personal(BUYER));
        assertEq(slash(BOND - 30 * USD, 0), BOND - 30 * USD);
        before += BOND - 30 * USD;
        assertEq(slash(50 * USD, 25 * USD), 30 * USD);
        assertEq(availableOf(personal(STRANGER)), 25 * USD);
        assertEq(availableOf(personal(BUYER)), before + 5 * USD);
        bondIs(0, 0, 0);

        vm.expectEmit(address(escrow));
        emit IEscrow.BondSlashed(ROUTER, JOB, 0, personal(STRANGER), 0, personal(BUYER));
        assertEq(slash(50 * USD, 25 * USD), 0);
        assertEq(availableOf(personal(STRANGER)), 25 * USD);
    }

    function test_AGT09_slash_lessThanTheReward() public {
        slash(BOND - 10 * USD, 0);
        uint256 before = availableOf(personal(BUYER));
        assertEq(slash(50 * USD, 25 * USD), 10 * USD);
        assertEq(availableOf(personal(STRANGER)), 10 * USD);
        assertEq(availableOf(personal(BUYER)), before);
    }

    /// What is on its way out still answers; the delay goes on.
    function test_AGT09_slash_takesWhatIsLeavingToo() public {
        uint256 leavesAt = block.timestamp + 3 days;
        vm.prank(ROUTER);
        escrow.announceBondExit(BOND);
        slash(50 * USD, 25 * USD);
        bondIs(950 * USD, 950 * USD, leavesAt);

        vm.warp(leavesAt);
        vm.prank(ROUTER);
        escrow.withdrawBond();
        assertEq(availableOf(personal(ROUTER)), 950 * USD);
        bondIs(0, 0, 0);
    }

    /// What stays is taken first.
    function test_AGT09_slash_leavesTheAnnouncementAloneWhileItCan() public {
        vm.prank(ROUTER);
        escrow.announceBondExit(600 * USD);
        uint256 leavesAt = block.timestamp + 3 days;
        slash(400 * USD, 0);
        bondIs(600 * USD, 600 * USD, leavesAt);
        slash(1 * USD, 0);
        bondIs(599 * USD, 599 * USD, leavesAt);
    }

    /* FORFEIT */

    function test_AGT09_forfeit_goesToTheRouter() public {
        uint256 before = availableOf(personal(BUYER));
        vm.expectEmit(address(escrow));
        emit IEscrow.StakeLost(BUYER, JOB, 5 * USD, ROUTER);
        vm.prank(address(challenges));
        escrow.forfeit(BUYER, JOB, 5 * USD, ROUTER);
        assertEq(availableOf(personal(BUYER)), before - 5 * USD);
        assertEq(availableOf(personal(ROUTER)), 5 * USD);

        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, personal(STRANGER), 0, 5 * USD));
        vm.prank(address(challenges));
        escrow.forfeit(STRANGER, JOB, 5 * USD, ROUTER);
    }

    /// Bonds are money of the Escrow like any other: what it holds is what it owes.
    function testFuzz_AGT09_bonds_conserve(uint96 leaving, uint96[4] memory amounts, uint96[4] memory rewards) public {
        uint256 owed = availableOf(personal(BUYER)) + BOND;
        vm.prank(ROUTER);
        escrow.announceBondExit(uint96(bound(leaving, 0, BOND)));
        for (uint256 i = 0; i < amounts.length; ++i) {
            slash(uint96(bound(amounts[i], 0, BOND)), uint96(bound(rewards[i], 0, BOND)));
            (uint96 amount, uint96 left,) = standing();
            assertLe(left, amount);
            assertEq(availableOf(personal(BUYER)) + availableOf(personal(STRANGER)) + amount, owed);
        }
    }
}
