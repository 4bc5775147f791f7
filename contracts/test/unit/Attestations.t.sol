// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl as IOpenZeppelin} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {JobId} from "../../src/types/Ids.sol";
import {JobRequest, Routing, Terms} from "../../src/types/Job.sol";
import {AccessRules, Attestation, AttestationKind, ListingKind} from "../../src/types/Listing.sol";
import {Base} from "../utils/Base.sol";

/// @title VER-05, COMP-02: what verifiers state, and whom a listing serves
contract AttestationsTest is Base {
    uint16 private constant KYC = 1;
    uint16 private constant SOC2 = 4;

    function attest(address subject, AttestationKind kind, uint256 expiresAt) private {
        vm.prank(VERIFIER);
        providers.attest(subject, kind, keccak256("seen"), uint40(expiresAt));
    }

    /* STATING */

    function test_VER05_attest_storesAndTellsAll() public {
        uint40 until = uint40(block.timestamp + 30 days);
        vm.expectEmit(address(providers));
        emit IProviderRegistry.Attested(OWNER, AttestationKind.Soc2, VERIFIER, keccak256("seen"), until);
        attest(OWNER, AttestationKind.Soc2, until);
        Attestation memory wanted =
            Attestation({issuer: VERIFIER, issuedAt: uint40(block.timestamp), expiresAt: until, evidenceHash: keccak256("seen")});
        assertEq(abi.encode(providers.getAttestation(OWNER, AttestationKind.Soc2)), abi.encode(wanted));
        assertTrue(providers.isAttested(OWNER, SOC2, 0, block.timestamp));
        assertFalse(providers.isAttested(OWNER, KYC, 0, block.timestamp));
        assertFalse(providers.isAttested(BUYER, SOC2, 0, block.timestamp));
    }

    function test_VER05_attest_refuses() public {
        vm.startPrank(VERIFIER);
        vm.expectRevert(IProviderRegistry.ZeroSubject.selector);
        providers.attest(address(0), AttestationKind.Kyc, 0, uint40(block.timestamp + 1));
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.InvalidExpiry.selector, block.timestamp, block.timestamp));
        providers.attest(OWNER, AttestationKind.Kyc, 0, uint40(block.timestamp));
        providers.attest(OWNER, AttestationKind.Kyc, 0, uint40(block.timestamp + 1));
        vm.stopPrank();
    }

    function test_VER05_attestAndRevoke_onlyAVerifier() public {
        attest(OWNER, AttestationKind.Kyc, block.timestamp + 1 days);
        address[6] memory callers = [STRANGER, OWNER, ADMIN, ROUTER, ARBITER, PAUSER];
        bytes32 role = access.VERIFIER_ROLE();
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes memory unauthorized = abi.encodeWithSelector(IOpenZeppelin.AccessControlUnauthorizedAccount.selector, callers[i], role);
            vm.startPrank(callers[i]);
            vm.expectRevert(unauthorized);
            providers.attest(callers[i], AttestationKind.Kyc, 0, uint40(block.timestamp + 1));
            vm.expectRevert(unauthorized);
            providers.revokeAttestation(OWNER, AttestationKind.Kyc);
            vm.stopPrank();
        }
    }

    /// Its last second is the one it names.
    function test_VER05_isAttested_untilTheExactSecond() public {
        uint256 until = block.timestamp + 30 days;
        attest(OWNER, AttestationKind.Kyc, until);
        assertTrue(providers.isAttested(OWNER, KYC, 0, until));
        assertFalse(providers.isAttested(OWNER, KYC, 0, until + 1));
    }

    /// Had before a moment is strictly before.
    function test_VER05_isAttested_sinceTheExactSecond() public {
        attest(OWNER, AttestationKind.Kyc, block.timestamp + 30 days);
        uint40 issued = uint40(block.timestamp);
        assertFalse(providers.isAttested(OWNER, KYC, issued, issued));
        assertTrue(providers.isAttested(OWNER, KYC, issued + 1, issued));
        assertTrue(providers.isAttested(OWNER, KYC, 0, issued));
    }

    /// All of a set, and a set of none.
    function test_VER05_isAttested_allOfASet() public {
        uint256 until = block.timestamp + 30 days;
        assertTrue(providers.isAttested(OWNER, 0, 0, until));
        uint16 all = 0;
        for (uint8 kind = 0; kind <= uint8(type(AttestationKind).max); ++kind) {
            all |= uint16(1 << kind);
            assertFalse(providers.isAttested(OWNER, all, 0, until));
            attest(OWNER, AttestationKind(kind), until);
            assertTrue(providers.isAttested(OWNER, all, 0, until));
        }
        assertEq(all, 63);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.UnknownAttestations.selector, 64));
        providers.isAttested(OWNER, 64, 0, until);
    }

    function test_VER05_attest_replacesTheOlder() public {
        attest(OWNER, AttestationKind.Kyc, block.timestamp + 30 days);
        vm.warp(block.timestamp + 1 days);
        attest(OWNER, AttestationKind.Kyc, block.timestamp + 1);
        Attestation memory held = providers.getAttestation(OWNER, AttestationKind.Kyc);
        assertEq(held.issuedAt, block.timestamp);
        assertEq(held.expiresAt, block.timestamp + 1);
    }

    /// By any verifier: one that is gone leaves nothing standing.
    function test_VER05_revokeAttestation_byAnyVerifier() public {
        attest(OWNER, AttestationKind.Kyc, block.timestamp + 30 days);
        bytes32 role = access.VERIFIER_ROLE();
        vm.startPrank(ADMIN);
        access.grantRole(role, STRANGER);
        access.revokeRole(role, VERIFIER);
        vm.stopPrank();
        vm.expectEmit(address(providers));
        emit IProviderRegistry.AttestationRevoked(OWNER, AttestationKind.Kyc, STRANGER);
        vm.startPrank(STRANGER);
        providers.revokeAttestation(OWNER, AttestationKind.Kyc);
        assertFalse(providers.isAttested(OWNER, KYC, 0, block.timestamp));
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.UnknownAttestation.selector, OWNER, AttestationKind.Kyc));
        providers.revokeAttestation(OWNER, AttestationKind.Kyc);
        vm.stopPrank();
    }

    /* A JOB THAT WANTS THEM */

    function refused(address by, JobRequest memory asked, bytes memory why) private {
        JobId job = request(by, asked);
        Terms memory terms = termsOf(job);
        Routing memory routing = aRouting();
        vm.expectRevert(why);
        vm.prank(ROUTER);
        jobs.route(job, terms, asked, routing);
    }

    function accepted(address by, JobRequest memory asked) private {
        JobId job = request(by, asked);
        route(job, asked);
    }

    /// Until the job's end, should it start as late as it may.
    function test_VER05_route_theProviderIsAttestedUntilTheJobsEnd() public {
        JobRequest memory asked = aRequest();
        asked.attestations = KYC | SOC2;
        uint256 end = block.timestamp + asked.startWindow + asked.duration;
        refused(BUYER, asked, abi.encodeWithSelector(IProviderRegistry.AttestationMissing.selector, OWNER, AttestationKind.Kyc, end));
        attest(OWNER, AttestationKind.Kyc, end);
        refused(BUYER, asked, abi.encodeWithSelector(IProviderRegistry.AttestationMissing.selector, OWNER, AttestationKind.Soc2, end));
        attest(OWNER, AttestationKind.Soc2, end - 1);
        refused(BUYER, asked, abi.encodeWithSelector(IProviderRegistry.AttestationMissing.selector, OWNER, AttestationKind.Soc2, end));
        attest(OWNER, AttestationKind.Soc2, end);
        accepted(BUYER, asked);
    }

    function test_VER05_route_aBitThatStandsForNothingIsNeverSatisfied() public {
        JobRequest memory asked = aRequest();
        asked.attestations = 1 << 6;
        refused(BUYER, asked, abi.encodeWithSelector(IProviderRegistry.UnknownAttestations.selector, asked.attestations));
    }

    /// They are the owner's, whoever that is now.
    function test_VER05_route_ofATransferredProviderAsksItsNewOwner() public {
        JobRequest memory asked = aRequest();
        asked.attestations = KYC;
        uint256 end = block.timestamp + asked.startWindow + asked.duration;
        attest(OWNER, AttestationKind.Kyc, end);
        handOver(STRANGER);
        refused(BUYER, asked, abi.encodeWithSelector(IProviderRegistry.AttestationMissing.selector, STRANGER, AttestationKind.Kyc, end));
    }

    /* A LISTING THAT WANTS THEM */

    function setRules(uint16 attestations, bool allowListOnly) private {
        vm.prank(OWNER);
        providers.setAccessRules(listing, AccessRules({attestations: attestations, allowListOnly: allowListOnly}));
    }

    function test_COMP02_setAccessRules_areToldAndTakenAway() public {
        AccessRules memory rules = AccessRules({attestations: KYC, allowListOnly: true});
        vm.expectEmit(address(providers));
        emit IProviderRegistry.AccessRulesChanged(listing, 2, rules);
        setRules(KYC, true);
        assertEq(abi.encode(providers.getAccessRules(listing)), abi.encode(rules));
        assertTrue(providers.getListing(listing).restricted);
        setRules(0, true);
        assertTrue(providers.getListing(listing).restricted);
        setRules(SOC2, false);
        assertTrue(providers.getListing(listing).restricted);
        setRules(0, false);
        assertFalse(providers.getListing(listing).restricted);
        accepted(BUYER, aRequest());

        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.UnknownAttestations.selector, 64));
        setRules(64, false);
    }

    function test_COMP02_route_onlyForBuyersOnTheList() public {
        setRules(0, true);
        refused(BUYER, aRequest(), abi.encodeWithSelector(IProviderRegistry.BuyerNotAllowed.selector, listing, BUYER));
        vm.expectEmit(address(providers));
        emit IProviderRegistry.BuyerAllowed(provider, BUYER, true);
        vm.prank(OWNER);
        providers.setBuyerAllowed(provider, BUYER, true);
        assertTrue(providers.isBuyerAllowed(provider, BUYER));
        accepted(BUYER, aRequest());
        // Of a team's job it is the person that asks.
        refused(TEAM_USER, aTeamRequest(), abi.encodeWithSelector(IProviderRegistry.BuyerNotAllowed.selector, listing, TEAM_USER));
        vm.startPrank(OWNER);
        providers.setBuyerAllowed(provider, TEAM_USER, true);
        providers.setBuyerAllowed(provider, BUYER, false);
        vm.stopPrank();
        accepted(TEAM_USER, aTeamRequest());
        refused(BUYER, aRequest(), abi.encodeWithSelector(IProviderRegistry.BuyerNotAllowed.selector, listing, BUYER));

        vm.expectRevert(IProviderRegistry.ZeroBuyer.selector);
        vm.prank(OWNER);
        providers.setBuyerAllowed(provider, address(0), true);
    }

    function test_COMP02_route_onlyForBuyersThatAreAttested() public {
        setRules(KYC, false);
        JobRequest memory asked = aRequest();
        uint256 end = block.timestamp + asked.startWindow + asked.duration;
        bytes memory missing = abi.encodeWithSelector(IProviderRegistry.AttestationMissing.selector, BUYER, AttestationKind.Kyc, end);
        refused(BUYER, asked, missing);
        // The provider's own are not the buyer's.
        attest(OWNER, AttestationKind.Kyc, end);
        refused(BUYER, asked, missing);
        attest(BUYER, AttestationKind.Kyc, end - 1);
        refused(BUYER, asked, missing);
        attest(BUYER, AttestationKind.Kyc, end);
        accepted(BUYER, asked);
    }

    /// Both rules count.
    function test_COMP02_route_onTheListAndAttested() public {
        setRules(KYC, true);
        JobRequest memory asked = aRequest();
        attest(BUYER, AttestationKind.Kyc, block.timestamp + 30 days);
        refused(BUYER, asked, abi.encodeWithSelector(IProviderRegistry.BuyerNotAllowed.selector, listing, BUYER));
        vm.prank(OWNER);
        providers.setBuyerAllowed(provider, BUYER, true);
        accepted(BUYER, asked);
    }

    /// A listing's rules are the listing's: the provider's other listings serve everybody.
    function test_COMP02_rules_areOfOneListing() public {
        setRules(KYC, true);
        JobRequest memory asked = aRequest();
        JobId job = request(BUYER, asked);
        listing = newListing(ListingKind.Own, fixedPricing(RATE));
        route(job, asked);
    }
}
