// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {stdError} from "forge-std/StdError.sol";

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAccessControl, TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {Funding, IEscrow} from "../../src/interfaces/IEscrow.sol";
import {Account as Holder, JobId, TeamId} from "../../src/types/Ids.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-02: money in, money out, and the locks between
contract EscrowTest is Base {
    JobId private constant JOB = JobId.wrap(7);
    Holder private constant NOBODY = Holder.wrap(0);
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
        deal(address(usdc), BUYER, tooMuch);
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
        jobs.pause();
        vm.prank(BUYER);
        escrow.withdraw(1, BUYER);
        vm.prank(TEAM_ADMIN);
        escrow.withdrawFromTeam(team, 1, TEAM_ADMIN);
        vm.prank(BUYER);
        escrow.deposit(1);
    }

    /* LOCK AND RELEASE */

    function test_SET02_lockAndRelease_onlyTheJobRegistry() public {
        address[7] memory callers = [STRANGER, BUYER, ADMIN, ROUTER, ARBITER, address(providers), address(challenges)];
        Funding memory funding;
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes memory refused = abi.encodeWithSelector(IEscrow.NotJobRegistry.selector, callers[i]);
            vm.startPrank(callers[i]);
            vm.expectRevert(refused);
            escrow.lock(JOB, payer, 1);
            vm.expectRevert(refused);
            escrow.release(JOB, payer, 0, payee, 0, 0, NOBODY);
            vm.expectRevert(refused);
            escrow.fundFrom(BUYER, funding);
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
        // More for the same job: an extension.
        escrow.lock(JOB, payer, 5);
        assertEq(lockedOf(payer), 105);
    }

    function test_SET02_lock_refusesWithoutMoney() public asJobRegistry {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, payee, 0, 1));
        escrow.lock(JOB, payee, 1);
        uint64 held = uint64(availableOf(payer));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, payer, held, held + 1));
        escrow.lock(JOB, payer, held + 1);
        escrow.lock(JOB, payer, held);
    }

    function test_SET02_release_splitsTheLock() public asJobRegistry {
        uint256 before = availableOf(payer);
        Holder treasury = personal(STRANGER);
        escrow.lock(JOB, payer, 100);
        vm.expectEmit(address(escrow));
        emit IEscrow.Released(JOB, payer, payee, 30, 2, 70);
        escrow.release(JOB, payer, 100, payee, 30, 2, treasury);
        assertEq(availableOf(payer), before - 30);
        assertEq(availableOf(payee), 28);
        assertEq(availableOf(treasury), 2);
        assertEq(lockedOf(payer), 0);
    }

    /// A part of a lock: an excess that comes back while the rest stays.
    function test_SET02_release_leavesTheRestLocked() public asJobRegistry {
        uint256 before = availableOf(payer);
        escrow.lock(JOB, payer, 100);
        escrow.release(JOB, payer, 10, NOBODY, 0, 0, NOBODY);
        assertEq(lockedOf(payer), 90);
        assertEq(availableOf(payer), before - 90);
    }

    /// Payer, payee and treasury in every way in which they can be the same: nothing is lost and nothing is made.
    function test_SET02_release_whoeverIsWhoever() public asJobRegistry {
        Holder[3] memory people = [payer, payee, personal(STRANGER)];
        for (uint256 to = 0; to < 3; ++to) {
            for (uint256 fee = 0; fee < 3; ++fee) {
                uint256[3] memory wanted = [availableOf(people[0]), availableOf(people[1]), availableOf(people[2])];
                wanted[0] -= 30;
                wanted[to] += 27;
                wanted[fee] += 3;
                escrow.lock(JOB, payer, 100);
                escrow.release(JOB, payer, 100, people[to], 30, 3, people[fee]);
                for (uint256 i = 0; i < 3; ++i) {
                    assertEq(availableOf(people[i]), wanted[i]);
                }
                assertEq(lockedOf(payer), 0);
            }
        }
    }

    function test_SET02_release_allOrNothingToTheFee() public asJobRegistry {
        escrow.lock(JOB, payer, 100);
        // All that is paid is fee: then nobody has to be the payee.
        escrow.release(JOB, payer, 60, NOBODY, 7, 7, payee);
        assertEq(availableOf(payee), 7);
        escrow.release(JOB, payer, 40, payee, 40, 0, NOBODY);
        assertEq(availableOf(payee), 47);
    }

    function test_SET02_release_refuses() public asJobRegistry {
        escrow.lock(JOB, payer, 100);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.PaidExceedsLock.selector, JOB, 101, 100));
        escrow.release(JOB, payer, 100, payee, 101, 0, NOBODY);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.PaidExceedsLock.selector, JOB, 10, 100));
        escrow.release(JOB, payer, 100, payee, 10, 11, payee);
        vm.expectRevert(IEscrow.ZeroAccount.selector);
        escrow.release(JOB, payer, 100, NOBODY, 1, 0, NOBODY);
        vm.expectRevert(IEscrow.ZeroAccount.selector);
        escrow.release(JOB, payer, 100, payee, 2, 1, NOBODY);
        // More than is locked in all of the payer's jobs.
        vm.expectRevert(stdError.arithmeticError);
        escrow.release(JOB, payer, 101, payee, 1, 0, NOBODY);
    }

    /* WIRING */

    function test_SET02_constructor_refusesAJobRegistryOfAnotherEscrow() public {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.WrongWiring.selector, STRANGER, address(escrow)));
        build("Escrow", abi.encode(usdc, jobs, access, challenges), STRANGER);
    }

    /// Whoever owned a team of the same number in another AccessControl would own its money.
    function test_SET02_constructor_refusesWhatItsJobRegistryDoesNotKnow() public {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.WrongWiring.selector, STRANGER, address(access)));
        build("Escrow", abi.encode(usdc, jobs, STRANGER, challenges), address(escrow));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.WrongWiring.selector, STRANGER, address(challenges)));
        build("Escrow", abi.encode(usdc, jobs, access, STRANGER), address(escrow));
        build("Escrow", abi.encode(usdc, jobs, access, challenges), address(escrow));
    }

    function test_SET02_constants() public view {
        assertEq(escrow.USDC(), address(usdc));
        assertEq(escrow.JOB_REGISTRY(), address(jobs));
        assertEq(escrow.ACCESS_CONTROL(), address(access));
        assertEq(escrow.CHALLENGE(), address(challenges));
        assertEq(escrow.MIN_BOND(), 100 * USD);
        // Longer than any decision can be challenged.
        assertGt(escrow.BOND_DELAY(), challenges.CHALLENGE_WINDOW());
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
