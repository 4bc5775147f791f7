// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Escrow} from "../../src/Escrow.sol";
import {IAccessControl, TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {Account as Holder, JobId, TeamId} from "../../src/types/Ids.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-02: money in, money out, and the locks between
contract EscrowTest is Base {
    JobId private constant JOB = JobId.wrap(7);
    Holder private payer;
    Holder private payee;

    function setUp() public override {
        super.setUp();
        payer = personal(BUYER);
        payee = personal(OWNER);
    }

    /// Calls as the JobRegistry does.
    modifier asJobRegistry() {
        vm.startPrank(address(jobs));
        _;
        vm.stopPrank();
    }

    /* ACCOUNTS */

    function test_SET02_accounts_ofPersonsAndTeamsNeverMeet() public view {
        assertEq(Holder.unwrap(escrow.accountOf(BUYER)), uint160(BUYER));
        assertEq(Holder.unwrap(escrow.accountOfTeam(TeamId.wrap(1))), uint192(1) << 160);
        assertGt(Holder.unwrap(escrow.accountOfTeam(TeamId.wrap(1))), type(uint160).max);
    }

    /* DEPOSIT */

    function test_SET02_deposit_creditsTheCaller() public {
        uint256 before = availableOf(payer);
        vm.expectEmit(address(escrow));
        emit IEscrow.Deposited(payer, BUYER, 5 * USD);
        vm.prank(BUYER);
        escrow.deposit(5 * USD);
        assertEq(availableOf(payer), before + 5 * USD);
    }

    function test_SET02_depositTo_creditsAnotherPersonOrATeam() public {
        Holder stranger = personal(STRANGER);
        Holder teamAccount = escrow.accountOfTeam(team);
        uint256 teamBefore = availableOf(teamAccount);
        vm.startPrank(BUYER);
        vm.expectEmit(address(escrow));
        emit IEscrow.Deposited(stranger, BUYER, 5);
        escrow.depositTo(stranger, 5);
        escrow.depositTo(teamAccount, 6);
        vm.stopPrank();
        assertEq(availableOf(stranger), 5);
        assertEq(availableOf(teamAccount), teamBefore + 6);
    }

    function test_SET02_deposit_refusesZero() public {
        vm.startPrank(BUYER);
        vm.expectRevert(IEscrow.ZeroAmount.selector);
        escrow.deposit(0);
        vm.expectRevert(IEscrow.ZeroAmount.selector);
        escrow.depositTo(payee, 0);
        vm.stopPrank();
    }

    function test_SET02_depositTo_refusesAccountsThatNobodyCouldEmpty() public {
        vm.startPrank(BUYER);
        vm.expectRevert(IEscrow.ZeroAccount.selector);
        escrow.depositTo(Holder.wrap(0), 5);

        Holder both = Holder.wrap(uint192(1) << 160 | uint160(BUYER));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InvalidAccount.selector, both));
        escrow.depositTo(both, 5);

        TeamId next = TeamId.wrap(access.teamCount() + 1);
        Holder nobodys = escrow.accountOfTeam(next);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.UnknownTeam.selector, next));
        escrow.depositTo(nobodys, 5);
        vm.stopPrank();
    }

    function test_SET02_deposit_refusesWithoutAllowance() public {
        usdc.mint(STRANGER, 5);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(escrow), 0, 5));
        vm.prank(STRANGER);
        escrow.deposit(5);
    }

    function test_SET02_deposit_refusesMoreThanABalanceCanHold() public {
        uint256 tooMuch = uint256(type(uint128).max) + 1;
        usdc.mint(BUYER, tooMuch);
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, tooMuch));
        vm.prank(BUYER);
        escrow.deposit(tooMuch);
    }

    /* WITHDRAW */

    function test_SET02_withdraw_paysAnyReceiver() public {
        uint256 before = availableOf(payer);
        vm.expectEmit(address(escrow));
        emit IEscrow.Withdrawn(payer, STRANGER, 5 * USD, BUYER);
        vm.prank(BUYER);
        escrow.withdraw(5 * USD, STRANGER);
        assertEq(availableOf(payer), before - 5 * USD);
        assertEq(usdc.balanceOf(STRANGER), 5 * USD);
    }

    function test_SET02_withdraw_refuses() public {
        uint256 held = availableOf(payer);
        vm.startPrank(BUYER);
        vm.expectRevert(IEscrow.ZeroAmount.selector);
        escrow.withdraw(0, BUYER);
        vm.expectRevert(IEscrow.ZeroReceiver.selector);
        escrow.withdraw(1, address(0));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, payer, held, held + 1));
        escrow.withdraw(held + 1, BUYER);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, payer, held, type(uint256).max));
        escrow.withdraw(type(uint256).max, BUYER);
        // Money sent to the Escrow itself would belong to nobody.
        vm.expectRevert(abi.encodeWithSelector(IEscrow.UnexpectedTransfer.selector, 1, 0));
        escrow.withdraw(1, address(escrow));
        vm.stopPrank();
    }

    function test_SET02_withdraw_neverTouchesWhatIsLocked() public {
        request(BUYER, aRequest());
        uint256 free = availableOf(payer);
        vm.startPrank(BUYER);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, payer, free, free + 1));
        escrow.withdraw(free + 1, BUYER);
        escrow.withdraw(free, BUYER);
        vm.stopPrank();
        assertEq(availableOf(payer), 0);
        assertEq(lockedOf(payer), 60 * USD);
    }

    function test_SET02_withdrawFromTeam_onlyItsAdmin() public {
        address[4] memory callers = [STRANGER, TEAM_VIEWER, TEAM_USER, ADMIN];
        TeamRole[4] memory held = [TeamRole.None, TeamRole.Viewer, TeamRole.User, TeamRole.None];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAccessControl.TeamRoleRequired.selector, team, callers[i], TeamRole.Admin, held[i]));
            vm.prank(callers[i]);
            escrow.withdrawFromTeam(team, 1, callers[i]);
        }

        Holder teamAccount = escrow.accountOfTeam(team);
        vm.expectEmit(address(escrow));
        emit IEscrow.Withdrawn(teamAccount, STRANGER, 9, TEAM_ADMIN);
        vm.prank(TEAM_ADMIN);
        escrow.withdrawFromTeam(team, 9, STRANGER);
        assertEq(usdc.balanceOf(STRANGER), 9);
    }

    function test_SET02_withdrawFromTeam_refusesUnknownTeams() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.UnknownTeam.selector, TeamId.wrap(99)));
        vm.prank(TEAM_ADMIN);
        escrow.withdrawFromTeam(TeamId.wrap(99), 1, TEAM_ADMIN);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.UnknownTeam.selector, TeamId.wrap(0)));
        vm.prank(TEAM_ADMIN);
        escrow.withdrawFromTeam(TeamId.wrap(0), 1, TEAM_ADMIN);
    }

    function test_SET02_withdraw_staysOpenWhilePaused() public {
        vm.prank(PAUSER);
        access.pause();
        vm.prank(BUYER);
        escrow.withdraw(1, BUYER);
        vm.prank(TEAM_ADMIN);
        escrow.withdrawFromTeam(team, 1, TEAM_ADMIN);
    }

    /* LOCK AND RELEASE */

    function test_SET02_lockAndRelease_onlyTheJobRegistry() public {
        address[6] memory callers = [STRANGER, BUYER, ADMIN, ROUTER, ARBITER, address(providers)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IEscrow.NotJobRegistry.selector, callers[i]));
            escrow.lock(JOB, payer, 1);
            vm.expectRevert(abi.encodeWithSelector(IEscrow.NotJobRegistry.selector, callers[i]));
            escrow.release(JOB, payee, 0);
            vm.stopPrank();
        }
    }

    function test_SET02_lock_movesFromAvailableToLocked() public asJobRegistry {
        uint256 before = availableOf(payer);
        vm.expectEmit(address(escrow));
        emit IEscrow.Locked(JOB, payer, 100);
        escrow.lock(JOB, payer, 100);
        assertEq(availableOf(payer), before - 100);
        assertEq(lockedOf(payer), 100);
        assertEq(escrow.lockOf(JOB).amount, 100);
        assertEq(Holder.unwrap(escrow.lockOf(JOB).payer), Holder.unwrap(payer));
    }

    function test_SET02_lock_refuses() public asJobRegistry {
        vm.expectRevert(IEscrow.ZeroAmount.selector);
        escrow.lock(JOB, payer, 0);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, payee, 0, 1));
        escrow.lock(JOB, payee, 1);
        escrow.lock(JOB, payer, 1);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.AlreadyLocked.selector, JOB));
        escrow.lock(JOB, payer, 1);
    }

    function test_SET02_release_splitsTheLock() public asJobRegistry {
        uint256 before = availableOf(payer);
        escrow.lock(JOB, payer, 100);
        vm.expectEmit(address(escrow));
        emit IEscrow.Released(JOB, payer, payee, 30, 70);
        assertEq(escrow.release(JOB, payee, 30), 70);
        assertEq(availableOf(payer), before - 30);
        assertEq(availableOf(payee), 30);
        assertEq(lockedOf(payer), 0);
        assertEq(escrow.lockOf(JOB).amount, 0);
    }

    function test_SET02_release_whenPayerAndPayeeAreOne() public asJobRegistry {
        uint256 before = availableOf(payer);
        escrow.lock(JOB, payer, 100);
        escrow.release(JOB, payer, 30);
        assertEq(availableOf(payer), before);
        assertEq(lockedOf(payer), 0);
    }

    function test_SET02_release_refuses() public asJobRegistry {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.NothingLocked.selector, JOB));
        escrow.release(JOB, payee, 0);
        escrow.lock(JOB, payer, 100);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.PaidExceedsLock.selector, JOB, 101, 100));
        escrow.release(JOB, payee, 101);
        vm.expectRevert(IEscrow.ZeroAccount.selector);
        escrow.release(JOB, Holder.wrap(0), 1);
        escrow.release(JOB, payee, 100);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.NothingLocked.selector, JOB));
        escrow.release(JOB, payee, 0);
    }

    /* WIRING */

    function test_SET02_constructor_refusesAJobRegistryOfAnotherEscrow() public {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.WrongWiring.selector, next, address(escrow)));
        new Escrow(address(usdc), address(jobs), address(access));
    }

    /// Sending USDC straight to the contract is a gift to nobody, and breaks nothing.
    function test_SET02_donation_changesNoBalance() public {
        uint256 before = availableOf(payer);
        vm.prank(BUYER);
        assertTrue(usdc.transfer(address(escrow), 5));
        assertEq(availableOf(payer), before);
        vm.prank(BUYER);
        escrow.deposit(7);
        assertEq(availableOf(payer), before + 7);
    }
}
