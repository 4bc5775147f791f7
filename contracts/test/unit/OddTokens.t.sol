// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {Funding, FundingMethod, IEscrow} from "../../src/interfaces/IEscrow.sol";
import {Account as Holder, JobId} from "../../src/types/Ids.sol";
import {JobStatus, Terms} from "../../src/types/Job.sol";
import {ListingKind} from "../../src/types/Listing.sol";
import {BareToken, BlocklistToken, FeeToken, LyingToken, RefusingToken, SilentToken} from "../mocks/OddTokens.sol";
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

    /// Gives the router the bond without which it routes nothing.
    function bond(BareToken token) private {
        token.mint(ROUTER, 100 * USD);
        vm.startPrank(ROUTER);
        escrow.deposit(100 * USD);
        escrow.postBond(100 * USD);
        vm.stopPrank();
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

    /// A token that is stopped stops payouts only: jobs end, and what is due is credited.
    function test_SET02_stoppedToken_endsJobsAllTheSame() public {
        RefusingToken token = new RefusingToken();
        use(token);
        token.setRefuses(false);
        JobId[3] memory made =
            [fundedJob(token, JobStatus.Running), fundedJob(token, JobStatus.Disputed), fundedJob(token, JobStatus.Routed)];
        token.setRefuses(true);
        vm.warp(block.timestamp + 30 days);
        jobs.complete(made[0], termsOf(made[0]));
        jobs.resolve(made[1], termsOf(made[1]));
        jobs.expire(made[2], termsOf(made[2]));
        assertEq(availableOf(personal(OWNER)), 40 * USD);
        assertEq(lockedOf(personal(BUYER)), 0);
    }

    /// A job of the buyer's, with the money that it needs and no more.
    function fundedJob(BareToken token, JobStatus status) private returns (JobId) {
        if (escrow.bondOf(ROUTER).amount == 0) bond(token);
        token.mint(BUYER, 60 * USD);
        vm.prank(BUYER);
        escrow.deposit(60 * USD);
        return jobIn(status, BUYER, aRequest());
    }

    /* BLOCKED BY THE ISSUER */

    /// A blocked provider stops neither the settlement nor the buyer's money, and takes its own out by another address.
    function test_SET02_blocklistToken_blockedProviderBlocksNobodyElse() public {
        BlocklistToken token = new BlocklistToken();
        use(token);
        JobId job = fundedJob(token, JobStatus.Running);
        Terms memory terms = termsOf(job);
        vm.warp(block.timestamp + 10 hours);
        token.setBlocked(OWNER);

        vm.startPrank(BUYER);
        jobs.complete(job, terms);
        escrow.withdraw(20 * USD, BUYER);
        vm.stopPrank();

        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(BlocklistToken.Blocked.selector, OWNER));
        escrow.withdraw(40 * USD, OWNER);
        escrow.withdraw(40 * USD, STRANGER);
        vm.stopPrank();
        assertEq(token.balanceOf(STRANGER), 40 * USD);
    }

    /// Nor does a blocked buyer keep its provider from its pay.
    function test_SET02_blocklistToken_blockedBuyerBlocksNobodyElse() public {
        BlocklistToken token = new BlocklistToken();
        use(token);
        JobId job = fundedJob(token, JobStatus.Running);
        JobId open = fundedJob(token, JobStatus.Requested);
        token.setBlocked(BUYER);
        vm.warp(block.timestamp + 10 hours);
        complete(job);
        jobs.expire(open, termsOf(open));
        vm.prank(OWNER);
        escrow.withdraw(40 * USD, OWNER);
        assertEq(token.balanceOf(OWNER), 40 * USD);
        assertEq(availableOf(personal(BUYER)), 80 * USD);
        vm.expectRevert(abi.encodeWithSelector(BlocklistToken.Blocked.selector, BUYER));
        vm.prank(BUYER);
        escrow.withdraw(80 * USD, BUYER);
    }

    /// Nor a blocked treasury, nor a blocked arbiter's ruling for a blocked party.
    function test_BILL04_blocklistToken_blockedTreasuryBlocksNobody() public {
        BlocklistToken token = new BlocklistToken();
        use(token);
        address treasury = makeAddr("treasury");
        vm.prank(ADMIN);
        jobs.setFee(500, treasury);
        JobId job = fundedJob(token, JobStatus.Running);
        token.setBlocked(treasury);
        token.setBlocked(address(jobs));
        vm.warp(block.timestamp + 10 hours);
        complete(job);
        vm.prank(OWNER);
        escrow.withdraw(38 * USD, OWNER);
        vm.prank(BUYER);
        escrow.withdraw(20 * USD, BUYER);
        assertEq(availableOf(personal(treasury)), 2 * USD);
    }

    /* WITHOUT PERMIT */

    /// A token that knows no permit is asked in vain, and its allowance counts.
    function test_SET02_permit_ofATokenWithoutOne() public {
        SilentToken token = new SilentToken();
        use(token);
        Funding memory funding;
        funding.method = FundingMethod.Permit;
        funding.amount = uint128(AMOUNT);
        Holder own = personal(BUYER);
        vm.prank(BUYER);
        escrow.depositWith(BUYER, own, funding);
        assertEq(availableOf(own), AMOUNT);

        funding.method = FundingMethod.Authorization;
        vm.expectRevert();
        vm.prank(BUYER);
        escrow.depositWith(BUYER, own, funding);
        assertEq(availableOf(own), AMOUNT);
    }
}
