// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

import {IAccessControl} from "../../src/interfaces/IAccessControl.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {JobId, TeamId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Terms} from "../../src/types/Job.sol";
import {RevertingWallet, Wallet} from "../mocks/Wallets.sol";
import {Signing} from "../utils/Signing.sol";

/// @title SET-04, AGT-06: what is signed counts here, for this, once
/// @notice Each way in which a signature could be used for something else x each call that takes one.
contract SignaturesTest is Signing {
    /// The calls that take signatures.
    enum Act {
        Request,
        Cancel,
        Grant
    }

    /// What is wrong with the signature.
    enum Flaw {
        None,
        LastSecond,
        OtherChain,
        OtherContract,
        OtherName,
        OtherVersion,
        OtherAct,
        OtherSubject,
        OtherNonce,
        OtherDeadline,
        OtherSigner,
        NonceUsed,
        NonceCancelled,
        NonceSkipped,
        Late,
        Malleated,
        Cut,
        Empty,
        ZeroSigner,
        WrongV
    }

    string private constant SIGNER = "buyer";
    uint256 private constant NONCE = 0;

    uint256 private deadline;
    JobId private job;
    JobId private otherJob;
    address private key;

    function setUp() public override {
        super.setUp();
        deadline = block.timestamp + 10 minutes;
        key = makeAddr("session key");
        job = request(BUYER, aRequest());
        otherJob = request(BUYER, aRequest());
    }

    function limits() private view returns (IAccessControl.SessionLimits memory) {
        return IAccessControl.SessionLimits({
            total: 100 * USD, perPeriod: 60 * USD, period: 1 days, expiresAt: uint40(deadline + 30 days), team: TeamId.wrap(0)
        });
    }

    function verifierOf(Act act) private view returns (address) {
        return act == Act.Grant ? address(access) : address(jobs);
    }

    /// @param variant 0 is what is brought to the chain, 1 the same with another subject
    function structOf(Act act, uint256 variant, uint256 nonce, uint256 until) private view returns (bytes32) {
        if (act == Act.Cancel) return cancelHash(variant == 0 ? job : otherJob, nonce, until);
        if (act == Act.Grant) {
            IAccessControl.SessionLimits memory granted = limits();
            granted.total += uint64(variant);
            return grantHash(BUYER, key, granted, nonce, until);
        }
        JobRequest memory asked = signedRequest();
        asked.maxPricePerGpuHour += uint64(variant);
        return requestHash(BUYER, asked, nonce, until);
    }

    function signedRequest() private view returns (JobRequest memory asked) {
        asked = aRequest();
        // The same at any time of a test.
        asked.routeDeadline = uint40(deadline + 1 days);
    }

    function bring(Act act, address signer, uint256 nonce, uint256 until, bytes memory signature) private returns (bool, bytes memory) {
        Terms memory terms = termsOf(job);
        terms.requester = act == Act.Cancel ? terms.requester : signer;
        vm.prank(STRANGER);
        if (act == Act.Request) {
            return address(jobs).call(abi.encodeCall(jobs.requestBySignature, (signer, signedRequest(), nonce, until, signature)));
        }
        if (act == Act.Cancel) return address(jobs).call(abi.encodeCall(jobs.cancelBySignature, (job, terms, nonce, until, signature)));
        return address(access).call(abi.encodeCall(access.grantSessionBySignature, (signer, key, limits(), nonce, until, signature)));
    }

    /// Every act x every flaw.
    function test_SET04_signatures_matrix() public {
        uint256 cells = 0;
        for (uint8 act = 0; act <= uint8(type(Act).max); ++act) {
            for (uint8 flaw = 0; flaw <= uint8(type(Flaw).max); ++flaw) {
                uint256 before = vm.snapshotState();
                checkCell(Act(act), Flaw(flaw));
                vm.revertToState(before);
                ++cells;
            }
        }
        assertEq(cells, 3 * 20);
    }

    function checkCell(Act act, Flaw flaw) private {
        string memory name = string.concat("act ", vm.toString(uint8(act)), ", flaw ", vm.toString(uint8(flaw)));
        address signer = flaw == Flaw.ZeroSigner ? address(0) : BUYER;
        // A job's requester is in its terms: nobody brings another one.
        if (flaw == Flaw.ZeroSigner && act == Act.Cancel) return;
        uint256 nonce = flaw == Flaw.NonceSkipped ? NONCE + 1 : NONCE;
        bytes memory signature = signatureOf(act, flaw, nonce);
        if (flaw == Flaw.NonceUsed) {
            // With another signature over the same nonce, so that the job still stands.
            useNonce(act);
        }
        if (flaw == Flaw.NonceCancelled) {
            vm.prank(BUYER);
            if (act == Act.Grant) access.cancelNonce(NONCE);
            else jobs.cancelNonce(NONCE);
        }
        if (flaw == Flaw.Late) vm.warp(deadline + 1);
        if (flaw == Flaw.LastSecond) vm.warp(deadline);

        (bool success, bytes memory answer) = bring(act, signer, nonce, deadline, signature);
        if (flaw == Flaw.None || flaw == Flaw.LastSecond) {
            assertTrue(success, name);
            return;
        }
        assertFalse(success, name);
        assertEq(answer, errorOf(act, flaw, signer), name);
    }

    function signatureOf(Act act, Flaw flaw, uint256 nonce) private returns (bytes memory signature) {
        Domain memory domain = domainOf(verifierOf(act));
        if (flaw == Flaw.OtherChain) ++domain.chainId;
        if (flaw == Flaw.OtherContract) domain.verifyingContract = act == Act.Grant ? address(jobs) : address(access);
        if (flaw == Flaw.OtherName) domain.name = "Nectar";
        if (flaw == Flaw.OtherVersion) domain.version = "2";
        Act signedAct = flaw == Flaw.OtherAct ? Act((uint8(act) + 1) % 3) : act;
        uint256 variant = flaw == Flaw.OtherSubject ? 1 : 0;
        uint256 signedNonce = flaw == Flaw.OtherNonce ? nonce + 1 : nonce;
        uint256 until = flaw == Flaw.OtherDeadline ? deadline + 1 : deadline;
        bytes32 digest = digestOf(domain, structOf(signedAct, variant, signedNonce, until));
        signature = signedBy(flaw == Flaw.OtherSigner ? "stranger" : SIGNER, digest);
        if (flaw == Flaw.Malleated) return malleated(signature);
        if (flaw == Flaw.Empty || flaw == Flaw.ZeroSigner) return flaw == Flaw.Empty ? bytes("") : new bytes(65);
        if (flaw == Flaw.WrongV) signature[64] = bytes1(uint8(29));
        if (flaw == Flaw.Cut) {
            bytes memory whole = signature;
            signature = new bytes(64);
            for (uint256 i = 0; i < 64; ++i) {
                signature[i] = whole[i];
            }
        }
    }

    function useNonce(Act act) private {
        uint256 nonce = NONCE;
        if (act == Act.Grant) {
            bytes32 granted = grantHash(BUYER, STRANGER, limits(), nonce, deadline);
            access.grantSessionBySignature(
                BUYER, STRANGER, limits(), nonce, deadline, signedBy(SIGNER, digestOf(domainOf(address(access)), granted))
            );
            return;
        }
        bytes32 cancelled = cancelHash(otherJob, nonce, deadline);
        bytes memory signature = signedBy(SIGNER, digestOf(domainOf(address(jobs)), cancelled));
        jobs.cancelBySignature(otherJob, termsOf(otherJob), nonce, deadline, signature);
    }

    function errorOf(Act act, Flaw flaw, address signer) private view returns (bytes memory) {
        if (flaw == Flaw.Late) {
            bytes4 expired = act == Act.Grant ? IAccessControl.SignatureExpired.selector : IJobRegistry.SignatureExpired.selector;
            return abi.encodeWithSelector(expired, deadline, block.timestamp);
        }
        if (flaw == Flaw.NonceUsed || flaw == Flaw.NonceCancelled) {
            return abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, BUYER, NONCE + 1);
        }
        if (flaw == Flaw.NonceSkipped) return abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, BUYER, NONCE);
        bytes4 invalid = act == Act.Grant ? IAccessControl.InvalidSignature.selector : IJobRegistry.InvalidSignature.selector;
        return abi.encodeWithSelector(invalid, signer);
    }

    /// The types as Foundry writes them by EIP-712's rules: referenced structs behind, no spaces.
    function test_SET04_signatures_typesAreCanonical() public pure {
        string[3] memory types = [requestType(), cancelType(), grantType()];
        for (uint256 i = 0; i < types.length; ++i) {
            assertEq(vm.eip712HashType(types[i]), keccak256(bytes(types[i])), types[i]);
        }
    }

    /* THE SAME AGAIN */

    function test_SET04_signatures_countOnce() public {
        for (uint8 i = 0; i <= uint8(type(Act).max); ++i) {
            Act act = Act(i);
            uint256 before = vm.snapshotState();
            bytes memory signature = signedBy(SIGNER, digestOf(domainOf(verifierOf(act)), structOf(act, 0, NONCE, deadline)));
            vm.expectEmit(verifierOf(act));
            emit IJobRegistry.NonceUsed(BUYER, NONCE);
            (bool success,) = bring(act, BUYER, NONCE, deadline, signature);
            assertTrue(success);
            bytes memory answer;
            (success, answer) = bring(act, BUYER, NONCE, deadline, signature);
            assertFalse(success);
            // A cancelled job says so before anybody looks at the signature.
            assertEq(
                answer,
                act == Act.Cancel
                    ? abi.encodeWithSelector(IJobRegistry.WrongStatus.selector, job, JobStatus.Cancelled)
                    : abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, BUYER, NONCE + 1)
            );
            vm.revertToState(before);
        }
    }

    /// A chain that forks takes another id: what was signed before is worth nothing on it.
    function test_SET04_signatures_dieWithTheChainsId() public {
        for (uint8 i = 0; i <= uint8(type(Act).max); ++i) {
            Act act = Act(i);
            bytes memory signature = signedBy(SIGNER, digestOf(domainOf(verifierOf(act)), structOf(act, 0, NONCE, deadline)));
            uint256 chain = block.chainid;
            vm.chainId(chain + 1);
            (bool success, bytes memory answer) = bring(act, BUYER, NONCE, deadline, signature);
            assertFalse(success);
            assertEq(answer, errorOf(act, Flaw.OtherChain, BUYER));
            vm.chainId(chain);
        }
    }

    /// A key that was revoked does not come back with the grant that made it.
    function test_SET04_grantBySignature_isNoneAfterTheRevocation() public {
        bytes memory signature = signedBy(SIGNER, digestOf(domainOf(address(access)), structOf(Act.Grant, 0, NONCE, deadline)));
        access.grantSessionBySignature(BUYER, key, limits(), NONCE, deadline, signature);
        vm.prank(BUYER);
        access.revokeSession(BUYER, key);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, BUYER, NONCE + 1));
        access.grantSessionBySignature(BUYER, key, limits(), NONCE, deadline, signature);
        assertFalse(access.isSession(BUYER, key, TeamId.wrap(0)));
    }

    /// One-time addresses take nonces of a key of their own, so that two requests need no order.
    function test_AGT06_nonces_ofSeveralKeysAreIndependent() public {
        uint256[3] memory nonces = [uint256(7) << 64, 0, uint256(type(uint192).max) << 64];
        uint64 before = jobs.jobCount();
        for (uint256 i = 0; i < nonces.length; ++i) {
            bytes32 digest = digestOf(domainOf(address(jobs)), requestHash(BUYER, signedRequest(), nonces[i], deadline));
            jobs.requestBySignature(BUYER, signedRequest(), nonces[i], deadline, signedBy(SIGNER, digest));
        }
        assertEq(jobs.jobCount(), before + 3);
    }

    /// The two contracts count for themselves.
    function test_SET04_nonces_ofTheContractsAreIndependent() public {
        vm.startPrank(BUYER);
        jobs.cancelNonce(0);
        access.cancelNonce(0);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, BUYER, 1));
        jobs.cancelNonce(0);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, BUYER, 1));
        access.cancelNonce(0);
        vm.stopPrank();
    }

    /// Each field of a request is signed.
    function test_SET04_requestBySignature_bindsEveryField() public {
        bytes memory signature = signedBy(SIGNER, digestOf(domainOf(address(jobs)), requestHash(BUYER, signedRequest(), NONCE, deadline)));
        bytes memory encoded = abi.encode(signedRequest());
        for (uint256 field = 0; field < 21; ++field) {
            bytes memory changed = bytes.concat(encoded);
            // The first letters of the three fields of text, the last bit of all numbers.
            uint256 at = field * 32 + (field == 0 || field == 8 ? 0 : 31);
            changed[at] = bytes1(uint8(changed[at]) ^ 1);
            JobRequest memory other = abi.decode(changed, (JobRequest));
            vm.expectRevert(abi.encodeWithSelector(IJobRegistry.InvalidSignature.selector, BUYER));
            jobs.requestBySignature(BUYER, other, NONCE, deadline, signature);
        }
        jobs.requestBySignature(BUYER, signedRequest(), NONCE, deadline, signature);
    }

    /// Each field of a grant is signed.
    function test_SET04_grantBySignature_bindsEveryField() public {
        bytes memory signature = signedBy(SIGNER, digestOf(domainOf(address(access)), structOf(Act.Grant, 0, NONCE, deadline)));
        bytes memory encoded = abi.encode(limits());
        bytes memory refused = abi.encodeWithSelector(IAccessControl.InvalidSignature.selector, BUYER);
        for (uint256 field = 0; field < 5; ++field) {
            bytes memory changed = bytes.concat(encoded);
            changed[field * 32 + 31] = bytes1(uint8(changed[field * 32 + 31]) ^ 1);
            IAccessControl.SessionLimits memory other = abi.decode(changed, (IAccessControl.SessionLimits));
            vm.expectRevert(refused);
            access.grantSessionBySignature(BUYER, key, other, NONCE, deadline, signature);
        }
        vm.expectRevert(refused);
        access.grantSessionBySignature(BUYER, STRANGER, limits(), NONCE, deadline, signature);
        access.grantSessionBySignature(BUYER, key, limits(), NONCE, deadline, signature);
    }

    /* WHAT IT DOES */

    function test_AGT06_requestBySignature_isTheSignersJobAndMoney() public {
        JobRequest memory asked = signedRequest();
        asked.tracked = false;
        bytes32 digest = digestOf(domainOf(address(jobs)), requestHash(BUYER, asked, NONCE, deadline));
        bytes memory signature = signedBy(SIGNER, digest);
        uint256 before = availableOf(personal(BUYER));
        JobId expected = JobId.wrap(jobs.jobCount() + 1);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobRequested(expected, address(0), TeamId.wrap(0), "h100", 60 * USD, asked);
        vm.prank(STRANGER);
        JobId made = jobs.requestBySignature(BUYER, asked, NONCE, deadline, signature);
        requested(made, BUYER, asked);
        jobs.checkTerms(made, termsOf(made));
        assertEq(availableOf(personal(BUYER)), before - 60 * USD);

        // The one that brought it has no right to it.
        Terms memory terms = termsOf(made);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, made, STRANGER));
        vm.prank(STRANGER);
        jobs.cancel(made, terms);
    }

    function test_SET04_requestBySignature_ofATeamNeedsItsUser() public {
        JobRequest memory asked = signedRequest();
        asked.team = team;
        bytes memory signature = signedBy("team user", digestOf(domainOf(address(jobs)), requestHash(TEAM_USER, asked, NONCE, deadline)));
        jobs.requestBySignature(TEAM_USER, asked, NONCE, deadline, signature);
        assertEq(access.memberBudget(team, TEAM_USER).spent, 60 * USD);
    }

    function test_SET04_cancelBySignature_refundsTheSigner() public {
        uint256 before = availableOf(personal(BUYER));
        bytes memory signature = signedBy(SIGNER, digestOf(domainOf(address(jobs)), cancelHash(job, NONCE, deadline)));
        vm.prank(STRANGER);
        jobs.cancelBySignature(job, termsOf(job), NONCE, deadline, signature);
        assertEq(uint8(statusOf(job)), uint8(JobStatus.Cancelled));
        assertEq(availableOf(personal(BUYER)), before + 60 * USD);
    }

    /* WALLETS THAT ARE CONTRACTS */

    function test_SET04_signatures_ofErc1271Wallets() public {
        Wallet wallet = new Wallet();
        usdc.mint(address(wallet), 1000 * USD);
        vm.startPrank(address(wallet));
        usdc.approve(address(escrow), 1000 * USD);
        escrow.deposit(1000 * USD);
        vm.stopPrank();
        JobRequest memory asked = signedRequest();

        bytes32 digest = digestOf(domainOf(address(jobs)), requestHash(address(wallet), asked, 0, deadline));
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.InvalidSignature.selector, address(wallet)));
        jobs.requestBySignature(address(wallet), asked, 0, deadline, "");
        wallet.accept(digest);
        JobId made = jobs.requestBySignature(address(wallet), asked, 0, deadline, "");
        requested(made, address(wallet), asked);

        digest = digestOf(domainOf(address(jobs)), cancelHash(made, 1, deadline));
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.InvalidSignature.selector, address(wallet)));
        jobs.cancelBySignature(made, termsOf(made), 1, deadline, "");
        wallet.accept(digest);
        jobs.cancelBySignature(made, termsOf(made), 1, deadline, "");

        digest = digestOf(domainOf(address(access)), grantHash(address(wallet), key, limits(), 0, deadline));
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.InvalidSignature.selector, address(wallet)));
        access.grantSessionBySignature(address(wallet), key, limits(), 0, deadline, "");
        wallet.accept(digest);
        access.grantSessionBySignature(address(wallet), key, limits(), 0, deadline, "");
        assertTrue(access.isSession(address(wallet), key, TeamId.wrap(0)));
    }

    function test_SET04_signatures_ofContractsThatAreNoWallets() public {
        address[2] memory others = [address(new RevertingWallet()), address(usdc)];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IJobRegistry.InvalidSignature.selector, others[i]));
            jobs.requestBySignature(others[i], signedRequest(), 0, deadline, "");
            vm.expectRevert(abi.encodeWithSelector(IAccessControl.InvalidSignature.selector, others[i]));
            access.grantSessionBySignature(others[i], key, limits(), 0, deadline, "");
        }
    }
}
