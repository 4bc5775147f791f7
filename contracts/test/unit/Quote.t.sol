// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {JobId, ListingId} from "../../src/types/Ids.sol";
import {JobRequest} from "../../src/types/Job.sol";
import {AccessRules, AttestationKind, ListingKind, PricingModel, Tier} from "../../src/types/Listing.sol";
import {Base} from "../utils/Base.sol";

/// @title AGT-09, PROV-02: the price at which a listing would have taken a request, and whether a job may go on
contract QuoteTest is Base {
    uint40 private now_;

    function setUp() public override {
        super.setUp();
        now_ = uint40(block.timestamp);
    }

    function refused(JobRequest memory asked, bytes memory why) private {
        vm.expectRevert(why);
        providers.quote(listing, asked, now_, now_);
    }

    /* QUOTE */

    function test_AGT09_quote_isTheExactPrice() public {
        assertEq(providers.quote(listing, aRequest(), now_, now_), RATE);
        ListingId rising = newListing(ListingKind.Own, bandPricing(PricingModel.Dynamic, USD, 2 * USD));
        assertEq(providers.quote(rising, aRequest(), now_, now_), USD);
        JobRequest memory asked = aRequest();
        JobId job = request(BUYER, asked);
        routeTo(job, asked, routingTo(rising, USD));
        assertEq(providers.quote(rising, asked, now_, now_), 1_125_000);
    }

    /// At the time that is asked for, not at the time of asking.
    function test_AGT09_quote_byTheTiersOfItsTime() public {
        Tier[] memory tiers = new Tier[](2);
        // The test begins in a Friday's hour 104.
        (tiers[0], tiers[1]) = (Tier({hour: 104, multiplier: 5_000}), Tier({hour: 105, multiplier: 10_000}));
        vm.prank(OWNER);
        providers.setTiers(listing, tiers);
        assertEq(providers.quote(listing, aRequest(), now_, now_), RATE / 2);
        assertEq(providers.quote(listing, aRequest(), now_, now_ + 1 hours), RATE);
    }

    function test_AGT09_quote_refusesWhatTheListingWouldNotTake() public {
        JobRequest memory asked = aRequest();
        asked.gpuModel = "h200";
        refused(asked, abi.encodeWithSelector(IProviderRegistry.GpuModelMismatch.selector, bytes16("h200"), H100));
        asked = aRequest();
        asked.minMemoryGiB = 81;
        refused(asked, abi.encodeWithSelector(IProviderRegistry.MemoryTooSmall.selector, 81, 80));
        asked = aRequest();
        asked.formFactors = 1;
        refused(asked, abi.encodeWithSelector(IProviderRegistry.FormFactorMismatch.selector, 1, 2));
        asked = aRequest();
        asked.continents = 1;
        refused(asked, abi.encodeWithSelector(IProviderRegistry.RegionMismatch.selector, 1, bytes16(0), 4, bytes2("DE")));
        asked = aRequest();
        asked.excludedPricing = 1;
        refused(asked, abi.encodeWithSelector(IProviderRegistry.PricingExcluded.selector, 1, 0));
        asked = aRequest();
        asked.gpuCount = 9;
        refused(asked, abi.encodeWithSelector(IProviderRegistry.MachineTooSmall.selector, 9, 8));
        asked = aRequest();
        asked.maxPricePerGpuHour = RATE - 1;
        refused(asked, abi.encodeWithSelector(IProviderRegistry.PriceAboveMaximum.selector, RATE, RATE - 1));
    }

    function test_AGT09_quote_refusesWhatIsNotThere() public {
        JobRequest memory asked = aRequest();
        ListingId none = ListingId.wrap(99);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.UnknownListing.selector, none));
        providers.quote(none, asked, now_, now_);

        uint256 end = uint256(now_) + asked.startWindow + asked.duration;
        vm.prank(OWNER);
        providers.setAvailability(listing, 0, uint32(end - 1));
        refused(asked, abi.encodeWithSelector(IProviderRegistry.OutsideAvailability.selector, 0, end - 1, now_, end));
        vm.prank(OWNER);
        providers.setAvailability(listing, 0, uint32(end));
        assertEq(providers.quote(listing, asked, now_, now_), RATE);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.OutsideAvailability.selector, 0, end, uint256(now_) + 1, end + 1));
        providers.quote(listing, asked, now_, now_ + 1);

        vm.prank(OWNER);
        providers.setCapacity(listing, 2, false);
        JobId job = request(BUYER, asked);
        route(job, asked);
        refused(asked, abi.encodeWithSelector(IProviderRegistry.CapacityExhausted.selector, listing, 2, 0));
        vm.prank(OWNER);
        providers.setCapacity(listing, 4, true);
        refused(asked, abi.encodeWithSelector(IProviderRegistry.ListingOffline.selector, listing));
    }

    function test_AGT09_quote_refusesOpenAndRestrictedListings() public {
        ListingId[2] memory open = [
            newListing(ListingKind.Own, bandPricing(PricingModel.Token, 1, 2)),
            newListing(ListingKind.Network, bandPricing(PricingModel.Dynamic, 1, 2))
        ];
        for (uint256 i = 0; i < open.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.PriceOpen.selector, open[i]));
            providers.quote(open[i], aRequest(), now_, now_);
        }
        vm.prank(OWNER);
        providers.setAccessRules(listing, AccessRules({attestations: 0, allowListOnly: true}));
        refused(aRequest(), abi.encodeWithSelector(IProviderRegistry.BuyerNotAllowed.selector, listing, address(0)));
    }

    /// Attested before the request, until the job's end.
    function test_VER05_quote_needsTheAttestationsInTime() public {
        JobRequest memory asked = aRequest();
        asked.attestations = 1;
        uint256 end = uint256(now_) + asked.startWindow + asked.duration;
        vm.prank(VERIFIER);
        providers.attest(OWNER, AttestationKind.Kyc, 0, uint40(end));
        refused(asked, abi.encodeWithSelector(IProviderRegistry.AttestationMissing.selector, OWNER, AttestationKind.Kyc, end));
        assertEq(providers.quote(listing, asked, now_ + 1, now_), RATE);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.AttestationMissing.selector, OWNER, AttestationKind.Kyc, end + 1));
        providers.quote(listing, asked, now_ + 1, now_ + 1);
    }

    /// Whatever the registry quotes now is what it takes now, and what it refuses to quote it refuses to take.
    function testFuzz_AGT09_quote_isWhatReserveTakes(uint64 maximum, uint16 count, uint8 continents, uint8 multiplier) public {
        JobRequest memory asked = aRequest();
        asked.maxPricePerGpuHour = uint64(bound(maximum, 1, 3 * RATE));
        asked.gpuCount = uint16(bound(count, 1, 10));
        asked.continents = continents;
        Tier[] memory tiers = new Tier[](1);
        tiers[0] = Tier({hour: 5, multiplier: 100 * (1 + uint16(multiplier))});
        vm.prank(OWNER);
        providers.setTiers(listing, tiers);
        uint64 price = providers.currentRate(listing);
        bool quoted = false;
        try providers.quote(listing, asked, now_, now_) returns (uint64 found) {
            quoted = true;
            assertEq(found, price);
        } catch {}
        vm.prank(address(jobs));
        try providers.reserve(listing, 2, price, BUYER, asked) {
            assertTrue(quoted);
        } catch {
            assertFalse(quoted);
        }
    }

    /* GOING ON */

    function test_PROV02_checkExtension_ofUnknownAndOfflineListings() public {
        ListingId none = ListingId.wrap(99);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.UnknownListing.selector, none));
        providers.checkExtension(none, 1, RATE, block.timestamp);
        vm.prank(OWNER);
        providers.setCapacity(listing, 16, true);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.ListingOffline.selector, listing));
        providers.checkExtension(listing, 0, RATE, block.timestamp);
    }

    function test_PROV02_checkExtension_byThePriceOfTheNextJob() public {
        providers.checkExtension(listing, 0, RATE, block.timestamp);
        providers.checkExtension(listing, 0, RATE + 1, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.PriceRisen.selector, RATE - 1, RATE));
        providers.checkExtension(listing, 0, RATE - 1, block.timestamp);
    }
}
