// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";

import {Escrow} from "../../src/Escrow.sol";
import {Funding, FundingMethod, IEscrow} from "../../src/interfaces/IEscrow.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {Account as Holder, JobId, TeamId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus} from "../../src/types/Job.sol";
import {Signing} from "../utils/Signing.sol";

/// @title SET-02: money in by allowance, by permit and by authorization, alone and with a request
contract FundingTest is Signing {
    bytes32 private constant PERMIT = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 private constant RECEIVE =
        keccak256("ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)");
    string private constant PAYER = "new payer";
    uint128 private constant AMOUNT = 100 * USD;

    address private payer;
    Holder private account;

    function setUp() public override {
        super.setUp();
        payer = makeAddr(PAYER);
        account = personal(payer);
        usdc.mint(payer, 10 * AMOUNT);
    }

    function token() private view returns (Domain memory domain) {
        domain = domainOf(address(usdc));
        domain.name = "USD Coin";
    }

    function signInto(Funding memory funding, bytes32 structHash) private {
        bytes memory signature = signedBy(PAYER, digestOf(token(), structHash));
        (funding.r, funding.s, funding.v) = split(signature);
    }

    function split(bytes memory signature) private pure returns (bytes32 r, bytes32 s, uint8 v) {
        assembly ("memory-safe") {
            r := mload(add(signature, 32))
            s := mload(add(signature, 64))
            v := byte(0, mload(add(signature, 96)))
        }
    }

    function allowance() private pure returns (Funding memory funding) {
        funding.amount = AMOUNT;
    }

    function permit() private returns (Funding memory funding) {
        funding.method = FundingMethod.Permit;
        funding.amount = AMOUNT;
        funding.validBefore = block.timestamp + 1 hours;
        signInto(funding, keccak256(abi.encode(PERMIT, payer, address(escrow), uint256(AMOUNT), usdc.nonces(payer), funding.validBefore)));
    }

    /// @param to the account that the signer means
    function authorization(Holder to) private returns (Funding memory funding) {
        funding.method = FundingMethod.Authorization;
        funding.amount = AMOUNT;
        funding.validAfter = block.timestamp - 1;
        funding.validBefore = block.timestamp + 1 hours;
        funding.salt = keccak256("salt");
        signAuthorization(funding, address(escrow), authorizationNonce(block.chainid, address(escrow), to, funding.salt));
    }

    function signAuthorization(Funding memory funding, address receiver, bytes32 nonce) private {
        signInto(
            funding,
            keccak256(abi.encode(RECEIVE, payer, receiver, uint256(funding.amount), funding.validAfter, funding.validBefore, nonce))
        );
    }

    function authorizationNonce(uint256 chain, address receiver, Holder to, bytes32 salt) private pure returns (bytes32) {
        return keccak256(abi.encode(chain, receiver, to, salt));
    }

    /* ALLOWANCE */

    function test_SET02_depositWith_byAllowance() public {
        vm.startPrank(payer);
        usdc.approve(address(escrow), AMOUNT);
        escrow.depositWith(payer, escrow.accountOfTeam(team), allowance());
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(escrow), 0, AMOUNT));
        escrow.depositWith(payer, account, allowance());
        vm.stopPrank();
    }

    /// An allowance is no invitation: nobody moves another one's money in, not even into that one's own account.
    function test_SET02_depositWith_refusesOthers() public {
        vm.prank(payer);
        usdc.approve(address(escrow), type(uint256).max);
        Funding[2] memory fundings = [allowance(), permit()];
        for (uint256 i = 0; i < fundings.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IEscrow.NotPayer.selector, payer, STRANGER));
            vm.prank(STRANGER);
            escrow.depositWith(payer, account, fundings[i]);
        }
    }

    function test_SET02_depositWith_refusesAccountsThatNobodyCouldEmpty() public {
        vm.startPrank(payer);
        vm.expectRevert(IEscrow.ZeroAccount.selector);
        escrow.depositWith(payer, Holder.wrap(0), allowance());
        Holder both = Holder.wrap(uint192(1) << 160 | uint160(payer));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InvalidAccount.selector, both));
        escrow.depositWith(payer, both, allowance());
        TeamId next = TeamId.wrap(access.teamCount() + 1);
        Holder nobodys = escrow.accountOfTeam(next);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.UnknownTeam.selector, next));
        escrow.depositWith(payer, nobodys, allowance());
        vm.stopPrank();
    }

    function test_SET02_depositWith_refusesZero() public {
        Funding memory funding;
        vm.expectRevert(IEscrow.ZeroAmount.selector);
        vm.prank(payer);
        escrow.depositWith(payer, account, funding);
    }

    /* PERMIT */

    function test_SET02_permit_depositsInOneCall() public {
        Funding memory funding = permit();
        vm.expectEmit(address(escrow));
        emit IEscrow.Deposited(account, payer, AMOUNT);
        vm.prank(payer);
        escrow.depositWith(payer, account, funding);
        assertEq(availableOf(account), AMOUNT);
        assertEq(usdc.allowance(payer, address(escrow)), 0);
    }

    /// Whoever saw it in the mempool and used it first changed nothing.
    function test_SET02_permit_frontRunDoesNoHarm() public {
        Funding memory funding = permit();
        vm.prank(STRANGER);
        usdc.permit(payer, address(escrow), AMOUNT, funding.validBefore, funding.v, funding.r, funding.s);
        vm.prank(payer);
        escrow.depositWith(payer, account, funding);
        assertEq(availableOf(account), AMOUNT);
    }

    function test_SET02_permit_thatIsWrongMovesNothing() public {
        bytes memory noAllowance = abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(escrow), 0, AMOUNT);
        Funding memory funding = permit();
        funding.r ^= bytes32(uint256(1));
        vm.expectRevert(noAllowance);
        vm.prank(payer);
        escrow.depositWith(payer, account, funding);

        funding = permit();
        vm.warp(funding.validBefore + 1);
        vm.expectRevert(noAllowance);
        vm.prank(payer);
        escrow.depositWith(payer, account, funding);
        assertEq(availableOf(account), 0);
    }

    /* AUTHORIZATION */

    function test_SET02_authorization_isBroughtByAnyone() public {
        Holder teamAccount = escrow.accountOfTeam(team);
        uint256 before = availableOf(teamAccount);
        Funding memory funding = authorization(teamAccount);
        vm.expectEmit(address(escrow));
        emit IEscrow.Deposited(teamAccount, payer, AMOUNT);
        vm.prank(STRANGER);
        escrow.depositWith(payer, teamAccount, funding);
        assertEq(availableOf(teamAccount), before + AMOUNT);
        assertEq(usdc.balanceOf(payer), 9 * AMOUNT);
    }

    function test_SET02_authorizationNonce_bindsChainContractAccountAndSalt() public {
        bytes32 salt = keccak256("salt");
        assertEq(escrow.authorizationNonce(account, salt), authorizationNonce(block.chainid, address(escrow), account, salt));
        bytes32 here = escrow.authorizationNonce(account, salt);
        vm.chainId(block.chainid + 1);
        assertNotEq(escrow.authorizationNonce(account, salt), here);
    }

    /// Nobody turns it into a deposit for somebody else, a different amount, another time or another salt.
    function test_SET02_authorization_creditsNobodyElse() public {
        bytes4 invalid = ERC3009.ERC3009InvalidSignature.selector;
        Holder[3] memory others = [personal(STRANGER), escrow.accountOfTeam(team), personal(BUYER)];
        for (uint256 i = 0; i < others.length; ++i) {
            Funding memory meant = authorization(account);
            vm.expectRevert(invalid);
            vm.prank(STRANGER);
            escrow.depositWith(payer, others[i], meant);
        }
        Funding[4] memory changed = [authorization(account), authorization(account), authorization(account), authorization(account)];
        changed[0].amount += 1;
        changed[1].validAfter -= 1;
        changed[2].validBefore += 1;
        changed[3].salt = keccak256("other");
        for (uint256 i = 0; i < changed.length; ++i) {
            vm.expectRevert(invalid);
            vm.prank(STRANGER);
            escrow.depositWith(payer, account, changed[i]);
        }
        Funding memory mine = authorization(account);
        vm.expectRevert(invalid);
        vm.prank(STRANGER);
        escrow.depositWith(STRANGER, account, mine);
        assertEq(usdc.balanceOf(payer), 10 * AMOUNT);
    }

    /// The token takes it from its receiver alone: nobody moves the money without the credit.
    function test_SET02_authorization_isNotTakenPastTheEscrow() public {
        Funding memory funding = authorization(account);
        bytes32 nonce = escrow.authorizationNonce(account, funding.salt);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(escrow)));
        vm.prank(STRANGER);
        usdc.receiveWithAuthorization(
            payer, address(escrow), AMOUNT, funding.validAfter, funding.validBefore, nonce, funding.v, funding.r, funding.s
        );
        // Nor by the other call of the standard, which anyone may make: it signs other words.
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        vm.prank(STRANGER);
        usdc.transferWithAuthorization(
            payer, address(escrow), AMOUNT, funding.validAfter, funding.validBefore, nonce, funding.v, funding.r, funding.s
        );
    }

    function test_SET02_authorization_countsOnce() public {
        Funding memory funding = authorization(account);
        escrow.depositWith(payer, account, funding);
        bytes32 nonce = escrow.authorizationNonce(account, funding.salt);
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, payer, nonce));
        escrow.depositWith(payer, account, funding);
    }

    function test_SET02_authorization_hasItsTime() public {
        Funding memory funding = authorization(account);
        bytes memory untimely =
            abi.encodeWithSelector(ERC3009.ERC3009InvalidAuthorizationTime.selector, funding.validAfter, funding.validBefore);
        vm.warp(funding.validAfter);
        vm.expectRevert(untimely);
        escrow.depositWith(payer, account, funding);
        vm.warp(funding.validBefore);
        vm.expectRevert(untimely);
        escrow.depositWith(payer, account, funding);
        vm.warp(funding.validBefore - 1);
        escrow.depositWith(payer, account, funding);
    }

    /// Signed for the same account on another chain, or in another Escrow.
    function test_SET02_authorization_isOfThisChainAndContract() public {
        Funding memory funding = authorization(account);
        bytes32 elsewhere = authorizationNonce(block.chainid + 1, address(escrow), account, funding.salt);
        signAuthorization(funding, address(escrow), elsewhere);
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        escrow.depositWith(payer, account, funding);

        Escrow first = escrow;
        funding = authorization(account);
        deployAll(address(usdc));
        assertNotEq(address(first), address(escrow));
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        escrow.depositWith(payer, account, funding);
        first.depositWith(payer, account, funding);
    }

    /* WITH A REQUEST */

    function test_SET02_depositAndRequest_byEachMethod() public {
        vm.prank(payer);
        usdc.approve(address(escrow), AMOUNT);
        for (uint256 i = 0; i < 3; ++i) {
            Funding memory funding = i == 0 ? allowance() : i == 1 ? permit() : authorization(account);
            JobRequest memory asked = aRequest();
            uint256 before = availableOf(account);
            vm.prank(payer);
            JobId job = jobs.depositAndRequest(funding, asked);
            requested(job, payer, asked);
            jobs.checkTerms(job, termsOf(job));
            assertEq(uint8(statusOf(job)), uint8(JobStatus.Requested));
            assertEq(availableOf(account), before + AMOUNT - 60 * USD);
        }
        assertEq(lockedOf(account), 180 * USD);
    }

    function test_SET02_depositAndRequest_isAllOrNothing() public {
        Funding memory funding = permit();
        JobRequest memory asked = aRequest();
        asked.gpuCount = 4;
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, account, AMOUNT, 120 * USD));
        vm.prank(payer);
        jobs.depositAndRequest(funding, asked);
        assertEq(usdc.balanceOf(payer), 10 * AMOUNT);
        assertEq(availableOf(account), 0);
    }

    /// The money always goes to the caller's own account, whoever's job it pays.
    function test_SET04_depositAndRequest_ofATeamPaysFromTheTeam() public {
        usdc.mint(TEAM_USER, AMOUNT);
        vm.startPrank(TEAM_USER);
        usdc.approve(address(escrow), AMOUNT);
        jobs.depositAndRequest(allowance(), aTeamRequest());
        vm.stopPrank();
        assertEq(availableOf(personal(TEAM_USER)), AMOUNT);
        assertEq(lockedOf(escrow.accountOfTeam(team)), 60 * USD);
    }

    function test_SET02_depositAndRequest_takesNobodyElsesAuthorization() public {
        Funding memory funding = authorization(account);
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        vm.prank(STRANGER);
        jobs.depositAndRequest(funding, aRequest());
    }

    /// Brought first by somebody else, the authorization has credited the same account: the request goes on without it.
    function test_SET02_depositAndRequest_frontRunLosesNothing() public {
        Funding memory funding = authorization(account);
        bytes32 nonce = escrow.authorizationNonce(account, funding.salt);
        vm.prank(STRANGER);
        escrow.depositWith(payer, account, funding);
        vm.startPrank(payer);
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, payer, nonce));
        jobs.depositAndRequest(funding, aRequest());
        jobs.request(aRequest());
        vm.stopPrank();
    }

    function test_SET02_depositAndRequest_waitsWhilePaused() public {
        vm.prank(PAUSER);
        jobs.pause();
        vm.startPrank(payer);
        usdc.approve(address(escrow), AMOUNT);
        vm.expectRevert(IJobRegistry.IsPaused.selector);
        jobs.depositAndRequest(allowance(), aRequest());
        vm.stopPrank();
    }
}
