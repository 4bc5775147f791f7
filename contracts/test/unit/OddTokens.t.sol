// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {Account as Holder, JobId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus} from "../../src/types/Job.sol";
import {ListingKind} from "../../src/types/Listing.sol";
import {BareToken, BlocklistToken, CallingToken, FeeToken, LyingToken, RefusingToken, SilentToken} from "../mocks/OddTokens.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-02: what the Escrow does when its token misbehaves
/// @notice The token is one, fixed at deployment, and USDC; but USDC is a proxy whose code its issuer may change.
contract OddTokensTest is Base {
    uint256 private constant AMOUNT = 1_000_000;

    /// Deploys everything anew on `token`, with AMOUNT in the hands of the buyer and of the provider's owner.
    function use(BareToken token) private {
        deployAll(address(token));
        provider = newProvider(OWNER);
        listing = newListing(ListingKind.Own, fixedPricing(RATE));
        token.mint(BUYER, AMOUNT);
    }

    function test_SET02_silentToken_works() public {
        SilentToken token = new SilentToken();
        use(token);
        vm.startPrank(BUYER);
        escrow.deposit(AMOUNT);
        escrow.withdraw(AMOUNT / 4, STRANGER);
        vm.stopPrank();
        assertEq(token.balanceOf(STRANGER), AMOUNT / 4);
        assertEq(availableOf(personal(BUYER)), AMOUNT * 3 / 4);
    }

    function test_SET02_refusingToken_revertsAndKeepsTheBalance() public {
        RefusingToken token = new RefusingToken();
        use(token);
        bytes memory why = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token));
        vm.startPrank(BUYER);
        vm.expectRevert(why);
        escrow.deposit(AMOUNT);
        assertEq(availableOf(personal(BUYER)), 0);

        token.setRefuses(false);
        escrow.deposit(AMOUNT);
        token.setRefuses(true);
        vm.expectRevert(why);
        escrow.withdraw(AMOUNT, BUYER);
        vm.stopPrank();
        assertEq(availableOf(personal(BUYER)), AMOUNT);
    }

    function test_SET02_feeToken_isRefusedBothWays() public {
        FeeToken token = new FeeToken();
        use(token);
        vm.startPrank(BUYER);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.UnexpectedTransfer.selector, AMOUNT, AMOUNT - AMOUNT / 100));
        escrow.deposit(AMOUNT);

        token.setCharges(false);
        escrow.deposit(AMOUNT);
        token.setCharges(true);
        // The fee would come out of somebody else's balance.
        token.mint(address(escrow), AMOUNT);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.UnexpectedTransfer.selector, AMOUNT, AMOUNT + AMOUNT / 100));
        escrow.withdraw(AMOUNT, BUYER);
        vm.stopPrank();
    }

    function test_SET02_lyingToken_creditsNothing() public {
        use(new LyingToken());
        vm.expectRevert(abi.encodeWithSelector(IEscrow.UnexpectedTransfer.selector, AMOUNT, 0));
        vm.prank(BUYER);
        escrow.deposit(AMOUNT);
    }

    /// A blocked provider stops neither the settlement nor the buyer's money, and takes its own out by another address.
    function test_SET02_blocklistToken_blocksNobodyElse() public {
        BlocklistToken token = new BlocklistToken();
        use(token);
        token.mint(BUYER, 60 * USD);
        vm.prank(BUYER);
        escrow.deposit(60 * USD);
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        vm.warp(block.timestamp + 10 hours);
        token.setBlocked(OWNER);

        vm.prank(BUYER);
        jobs.complete(job);
        vm.prank(BUYER);
        escrow.withdraw(20 * USD, BUYER);

        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(BlocklistToken.Blocked.selector, OWNER));
        escrow.withdraw(40 * USD, OWNER);
        escrow.withdraw(40 * USD, STRANGER);
        vm.stopPrank();
        assertEq(token.balanceOf(STRANGER), 40 * USD);
    }

    /// From inside a transfer, in or out, into every entry that moves money: the guard refuses all of them.
    function test_SET02_callingToken_entersNowhere() public {
        CallingToken token = new CallingToken();
        use(token);
        Holder own = personal(address(token));
        token.mint(address(token), AMOUNT);
        vm.prank(address(token));
        escrow.deposit(AMOUNT / 2);

        // The token itself has money inside, so that each of these calls would pass on its own.
        vm.prank(address(token));
        JobId job = jobs.request(smallRequest());
        bytes[6] memory calls = [
            abi.encodeCall(IEscrow.deposit, (1)),
            abi.encodeCall(IEscrow.depositTo, (own, 1)),
            abi.encodeCall(IEscrow.withdraw, (1, STRANGER)),
            abi.encodeCall(IEscrow.withdrawFromTeam, (team, 1, STRANGER)),
            abi.encodeCall(jobs.request, (smallRequest())),
            abi.encodeCall(jobs.cancel, (job))
        ];
        vm.startPrank(BUYER);
        for (uint256 i = 0; i < calls.length; ++i) {
            address target = i < 4 ? address(escrow) : address(jobs);
            token.arm(target, calls[i]);
            escrow.deposit(1000);
            enteredNowhere(token);
            token.arm(target, calls[i]);
            escrow.withdraw(1000, BUYER);
            enteredNowhere(token);
        }
        vm.stopPrank();

        // And the same calls pass from outside, so that it was the guard.
        vm.startPrank(address(token));
        escrow.withdraw(1, STRANGER);
        jobs.request(smallRequest());
        jobs.cancel(job);
        vm.stopPrank();
    }

    function enteredNowhere(CallingToken token) private view {
        assertFalse(token.succeeded());
        assertEq(token.answer(), abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
    }

    function smallRequest() private view returns (JobRequest memory asked) {
        asked = aRequest();
        asked.maxPricePerGpuHour = 1;
    }
}
