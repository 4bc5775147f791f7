// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {ListingId, ProviderId} from "../../src/types/Ids.sol";
import {JobRequest} from "../../src/types/Job.sol";
import {
    AccessRules,
    Continent,
    Description,
    FormFactor,
    Hardware,
    Listing,
    ListingKind,
    Outcome,
    Pricing,
    PricingModel,
    Tier
} from "../../src/types/Listing.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-03, PROV-01..03: providers, their listings, and who may change them
contract ProviderRegistryTest is Base {
    ProviderId private constant NO_PROVIDER = ProviderId.wrap(99);
    ListingId private constant NO_LISTING = ListingId.wrap(99);

    /* PROVIDERS */

    function test_PROV01_registerProvider() public {
        ProviderId expected = ProviderId.wrap(providers.providerCount() + 1);
        vm.expectEmit(address(providers));
        emit IProviderRegistry.ProviderRegistered(expected, STRANGER, "Fjord", "https://fjord.example");
        vm.prank(STRANGER);
        ProviderId made = providers.registerProvider("Fjord", "https://fjord.example");
        assertEq(ProviderId.unwrap(made), ProviderId.unwrap(expected));
        assertEq(providers.providerCount(), ProviderId.unwrap(made));
        assertEq(providers.getProvider(made).owner, STRANGER);
    }

    function test_PROV01_registerProvider_refusesAnEmptyName() public {
        vm.expectRevert(IProviderRegistry.EmptyName.selector);
        providers.registerProvider("", "https://fjord.example");
    }

    function test_PROV01_updateProvider() public {
        vm.expectEmit(address(providers));
        emit IProviderRegistry.ProviderUpdated(provider, "Rhine II", "");
        vm.prank(OWNER);
        providers.updateProvider(provider, "Rhine II", "");
        vm.expectRevert(IProviderRegistry.EmptyName.selector);
        vm.prank(OWNER);
        providers.updateProvider(provider, "", "");
    }

    /// In two steps: no provider is handed to an address that nobody has.
    function test_PROV01_offerAndAccept_handItsListingsOver() public {
        vm.expectEmit(address(providers));
        emit IProviderRegistry.ProviderOffered(provider, OWNER, STRANGER);
        vm.prank(OWNER);
        providers.offerProvider(provider, STRANGER);
        assertEq(providers.offeredTo(provider), STRANGER);
        // Until it is accepted nothing changed.
        assertEq(providers.getProvider(provider).owner, OWNER);
        vm.prank(OWNER);
        providers.setCapacity(listing, 16, false);

        address[3] memory others = [OWNER, BUYER, address(0)];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.NotOffered.selector, provider, others[i]));
            vm.prank(others[i]);
            providers.acceptProvider(provider);
        }
        vm.expectEmit(address(providers));
        emit IProviderRegistry.ProviderTransferred(provider, OWNER, STRANGER);
        vm.prank(STRANGER);
        providers.acceptProvider(provider);
        assertEq(providers.offeredTo(provider), address(0));
        assertEq(providers.getProvider(provider).owner, STRANGER);

        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.NotProviderDelegate.selector, provider, OWNER, STRANGER));
        vm.prank(OWNER);
        providers.setCapacity(listing, 16, true);
        vm.startPrank(STRANGER);
        providers.setCapacity(listing, 16, true);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.NotOffered.selector, provider, STRANGER));
        providers.acceptProvider(provider);
        vm.stopPrank();
    }

    function test_PROV01_offerProvider_isTakenBackAndReplaced() public {
        vm.startPrank(OWNER);
        providers.offerProvider(provider, STRANGER);
        providers.offerProvider(provider, BUYER);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.NotOffered.selector, provider, STRANGER));
        vm.prank(STRANGER);
        providers.acceptProvider(provider);
        vm.prank(OWNER);
        providers.offerProvider(provider, address(0));
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.NotOffered.selector, provider, BUYER));
        vm.prank(BUYER);
        providers.acceptProvider(provider);
    }

    /// What nobody was offered, not even an unknown one, nobody takes: the zero address has no key.
    function test_PROV01_acceptProvider_ofUnknownProviders() public {
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.NotOffered.selector, NO_PROVIDER, STRANGER));
        vm.prank(STRANGER);
        providers.acceptProvider(NO_PROVIDER);
    }

    /* LISTINGS */

    function test_PROV01_addListing_storesAndTellsAll() public {
        Hardware memory machine = hardware();
        machine.availableFrom = 1_800_000_100;
        machine.availableUntil = 1_900_000_000;
        Pricing memory pricing = bandPricing(PricingModel.Token, USD, 3 * USD);
        Description memory told = description(ListingKind.Network);
        ListingId expected = ListingId.wrap(providers.listingCount() + 1);

        vm.expectEmit(address(providers));
        emit IProviderRegistry.ListingAdded(expected, provider, ListingKind.Network, "h100", machine, pricing, told);
        vm.prank(OWNER);
        ListingId made = providers.addListing(provider, ListingKind.Network, machine, pricing, told);

        assertEq(ListingId.unwrap(made), ListingId.unwrap(expected));
        assertEq(providers.listingCount(), ListingId.unwrap(made));
        Listing memory held = providers.getListing(made);
        Listing memory wanted = Listing({
            provider: provider,
            version: 1,
            touchedAt: uint40(block.timestamp),
            rate: 0,
            total: 16,
            reserved: 0,
            memoryGiB: 80,
            widest: 8,
            formFactor: FormFactor.Sxm,
            kind: ListingKind.Network,
            model: PricingModel.Token,
            continent: Continent.Europe,
            country: "DE",
            offline: false,
            tiered: false,
            restricted: false,
            gpuModel: H100,
            availableFrom: 1_800_000_100,
            availableUntil: 1_900_000_000,
            floor: USD,
            ceiling: 3 * USD,
            tokenAmount: 3_500_000,
            token: "AKT"
        });
        assertEq(abi.encode(held), abi.encode(wanted));
    }

    function refused(ListingKind kind, Hardware memory machine, Pricing memory pricing, Description memory told, bytes memory why) private {
        vm.expectRevert(why);
        vm.prank(OWNER);
        providers.addListing(provider, kind, machine, pricing, told);
    }

    function test_PROV01_addListing_refusesBadModels() public {
        bytes16[7] memory bad = [
            bytes16(0),
            bytes16("H100"),
            bytes16("h100 sxm"),
            bytes16("h100_sxm"),
            bytes16("h1\x0000"),
            bytes16("\x00h100"),
            bytes16(hex"68c3a4")
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            Hardware memory machine = hardware();
            machine.gpuModel = bad[i];
            bytes memory why = abi.encodeWithSelector(IProviderRegistry.InvalidGpuModel.selector, bad[i]);
            refused(ListingKind.Own, machine, fixedPricing(RATE), description(ListingKind.Own), why);
        }
        bytes16[4] memory good = [bytes16("a"), bytes16("rtx4090"), bytes16("gh200-480"), bytes16("0123456789abcdef")];
        for (uint256 i = 0; i < good.length; ++i) {
            Hardware memory machine = hardware();
            machine.gpuModel = good[i];
            newListing(ListingKind.Own, fixedPricing(RATE), machine);
        }
    }

    function test_PROV01_addListing_refusesBadCapacity() public {
        uint16[2][3] memory bad = [[uint16(0), 0], [uint16(8), 0], [uint16(7), 8]];
        for (uint256 i = 0; i < bad.length; ++i) {
            Hardware memory machine = hardware();
            (machine.total, machine.widest) = (bad[i][0], bad[i][1]);
            bytes memory why = abi.encodeWithSelector(IProviderRegistry.InvalidCapacity.selector, bad[i][0], bad[i][1]);
            refused(ListingKind.Own, machine, fixedPricing(RATE), description(ListingKind.Own), why);
        }
    }

    function test_PROV01_addListing_refusesBadCountries() public {
        bytes2[4] memory bad = [bytes2("de"), bytes2("D"), bytes2("D1"), bytes2(hex"0044")];
        for (uint256 i = 0; i < bad.length; ++i) {
            Hardware memory machine = hardware();
            machine.country = bad[i];
            bytes memory why = abi.encodeWithSelector(IProviderRegistry.InvalidCountry.selector, bad[i]);
            refused(ListingKind.Own, machine, fixedPricing(RATE), description(ListingKind.Own), why);
        }
    }

    function test_PROV01_addListing_refusesBadWords() public {
        Description memory told = description(ListingKind.Own);
        told.name = "";
        bytes memory why = abi.encodeWithSelector(IProviderRegistry.EmptyName.selector);
        refused(ListingKind.Own, hardware(), fixedPricing(RATE), told, why);

        told = description(ListingKind.Network);
        told.network = "";
        why = abi.encodeWithSelector(IProviderRegistry.MissingNetwork.selector);
        refused(ListingKind.Network, hardware(), bandPricing(PricingModel.Dynamic, 1, 2), told, why);

        told = description(ListingKind.Own);
        told.network = "akash";
        why = abi.encodeWithSelector(IProviderRegistry.UnexpectedNetwork.selector);
        refused(ListingKind.Own, hardware(), fixedPricing(RATE), told, why);
    }

    function test_PROV01_addListing_refusesBadAvailability() public {
        Hardware memory machine = hardware();
        (machine.availableFrom, machine.availableUntil) = (100, 100);
        bytes memory why = abi.encodeWithSelector(IProviderRegistry.InvalidAvailability.selector, 100, 100);
        refused(ListingKind.Own, machine, fixedPricing(RATE), description(ListingKind.Own), why);
    }

    /* PRICING */

    struct Terms {
        ListingKind kind;
        Pricing pricing;
        bool valid;
    }

    /// Kind x model x field: one table of what makes sense.
    function terms() private pure returns (Terms[] memory table) {
        table = new Terms[](27);
        ListingKind own = ListingKind.Own;
        ListingKind network = ListingKind.Network;
        PricingModel fixed_ = PricingModel.Fixed;
        PricingModel dynamic_ = PricingModel.Dynamic;
        PricingModel token = PricingModel.Token;
        uint256 i = 0;
        //                          model, rate, floor, ceiling, tokenAmount, token
        table[i++] = Terms(own, Pricing(fixed_, 1, 0, 0, 0, 0), true);
        table[i++] = Terms(own, Pricing(fixed_, 0, 0, 0, 0, 0), false);
        table[i++] = Terms(own, Pricing(fixed_, 1, 1, 1, 0, 0), false);
        table[i++] = Terms(own, Pricing(fixed_, 1, 1, 0, 0, 0), false);
        table[i++] = Terms(own, Pricing(fixed_, 1, 0, 1, 0, 0), false);
        table[i++] = Terms(own, Pricing(fixed_, 1, 0, 0, 1, 0), false);
        table[i++] = Terms(own, Pricing(fixed_, 1, 0, 0, 0, "AKT"), false);
        table[i++] = Terms(network, Pricing(fixed_, 2, 1, 3, 0, 0), true);
        table[i++] = Terms(network, Pricing(fixed_, 0, 1, 3, 0, 0), true);
        table[i++] = Terms(network, Pricing(fixed_, 4, 1, 3, 0, 0), false);
        table[i++] = Terms(network, Pricing(fixed_, 1, 2, 3, 0, 0), false);
        table[i++] = Terms(network, Pricing(fixed_, 1, 0, 0, 0, 0), false);
        table[i++] = Terms(network, Pricing(fixed_, 2, 1, 3, 1, "AKT"), false);
        table[i++] = Terms(own, Pricing(dynamic_, 0, 1, 3, 0, 0), true);
        table[i++] = Terms(own, Pricing(dynamic_, 0, 3, 3, 0, 0), true);
        table[i++] = Terms(own, Pricing(dynamic_, 1, 1, 3, 0, 0), false);
        table[i++] = Terms(own, Pricing(dynamic_, 0, 0, 3, 0, 0), false);
        table[i++] = Terms(own, Pricing(dynamic_, 0, 3, 1, 0, 0), false);
        table[i++] = Terms(own, Pricing(dynamic_, 0, 1, 3, 1, 0), false);
        table[i++] = Terms(own, Pricing(dynamic_, 0, 1, 3, 0, "AKT"), false);
        table[i++] = Terms(network, Pricing(dynamic_, 0, 1, 3, 0, 0), true);
        table[i++] = Terms(own, Pricing(token, 0, 1, 3, 5, "AKT"), true);
        table[i++] = Terms(own, Pricing(token, 0, 1, 3, 0, "AKT"), false);
        table[i++] = Terms(own, Pricing(token, 0, 1, 3, 5, 0), false);
        table[i++] = Terms(own, Pricing(token, 0, 0, 0, 5, "AKT"), false);
        table[i++] = Terms(own, Pricing(token, 1, 1, 3, 5, "AKT"), false);
        table[i++] = Terms(network, Pricing(token, 0, 1, 3, 5, "AKT"), true);
        assert(i == table.length);
    }

    function test_PROV02_pricing_everyTermInBothCalls() public {
        Terms[] memory table = terms();
        ListingId networkListing = newListing(ListingKind.Network, bandPricing(PricingModel.Dynamic, 1, 2));
        for (uint256 i = 0; i < table.length; ++i) {
            bytes memory why = abi.encodeWithSelector(IProviderRegistry.InvalidPricing.selector, table[i].pricing);
            ListingId existing = table[i].kind == ListingKind.Own ? listing : networkListing;
            vm.startPrank(OWNER);
            if (!table[i].valid) vm.expectRevert(why);
            providers.addListing(provider, table[i].kind, hardware(), table[i].pricing, description(table[i].kind));
            if (!table[i].valid) vm.expectRevert(why);
            providers.setPricing(existing, table[i].pricing);
            vm.stopPrank();
        }
    }

    function test_PROV02_setPricing_isAnEventAndMovesTheVersion() public {
        Pricing memory pricing = bandPricing(PricingModel.Dynamic, USD, 3 * USD);
        vm.expectEmit(address(providers));
        emit IProviderRegistry.PricingChanged(listing, 2, pricing);
        vm.prank(OWNER);
        providers.setPricing(listing, pricing);
        Listing memory held = providers.getListing(listing);
        assertEq(held.version, 2);
        assertEq(held.rate, 0);
        assertEq(held.floor, USD);
        assertEq(held.ceiling, 3 * USD);
        assertEq(uint8(held.model), uint8(PricingModel.Dynamic));

        // Back to Fixed: nothing of the band stays behind.
        vm.prank(OWNER);
        providers.setPricing(listing, fixedPricing(7));
        held = providers.getListing(listing);
        assertEq(held.version, 3);
        assertEq(held.rate, 7);
        assertEq(held.floor + held.ceiling + held.tokenAmount, 0);
    }

    function test_PROV02_currentRate_byModelAndKind() public {
        assertEq(providers.currentRate(listing), RATE);
        assertEq(providers.currentRate(newListing(ListingKind.Own, bandPricing(PricingModel.Token, 5, 9))), 5);
        assertEq(providers.currentRate(newListing(ListingKind.Network, bandPricing(PricingModel.Dynamic, 6, 9))), 6);
        Pricing memory networkFixed = fixedPricing(7);
        (networkFixed.floor, networkFixed.ceiling) = (6, 9);
        assertEq(providers.currentRate(newListing(ListingKind.Network, networkFixed)), 6);

        ListingId rising = newListing(ListingKind.Own, bandPricing(PricingModel.Dynamic, 100, 201));
        assertEq(providers.currentRate(rising), 100);
        reserveGpus(rising, 4, 100);
        // 100 + 101 * 4 / 16 = 125.25
        assertEq(providers.currentRate(rising), 125);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.UnknownListing.selector, NO_LISTING));
        providers.currentRate(NO_LISTING);
    }

    function test_PROV02_currentRate_ofAnEmptyDynamicListingIsItsFloor() public {
        ListingId rising = newListing(ListingKind.Own, bandPricing(PricingModel.Dynamic, 100, 200));
        vm.prank(OWNER);
        providers.setCapacity(rising, 0, true);
        assertEq(providers.currentRate(rising), 100);
    }

    /* CAPACITY */

    function reserveGpus(ListingId what, uint16 count, uint64 price) private {
        uint32 version = providers.getListing(what).version;
        vm.prank(address(jobs));
        providers.reserve(what, version, price, BUYER, requestOf(count));
    }

    function test_PROV03_setCapacity() public {
        reserveGpus(listing, 4, RATE);
        vm.startPrank(OWNER);
        vm.expectEmit(address(providers));
        emit IProviderRegistry.CapacityChanged(listing, 2, 4, true);
        providers.setCapacity(listing, 4, true);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.CapacityBelowReserved.selector, 3, 4));
        providers.setCapacity(listing, 3, true);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.InvalidCapacity.selector, 0, 8));
        providers.setCapacity(listing, 0, false);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.CapacityBelowReserved.selector, 0, 4));
        providers.setCapacity(listing, 0, true);
        vm.stopPrank();

        vm.prank(address(jobs));
        providers.release(listing, 4, Outcome.None);
        vm.prank(OWNER);
        providers.setCapacity(listing, 0, true);
        assertEq(providers.getListing(listing).total, 0);
        assertTrue(providers.getListing(listing).offline);
    }

    function test_PROV03_setAvailability() public {
        vm.startPrank(OWNER);
        vm.expectEmit(address(providers));
        emit IProviderRegistry.AvailabilityChanged(listing, 2, 5, 6);
        providers.setAvailability(listing, 5, 6);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.InvalidAvailability.selector, 6, 6));
        providers.setAvailability(listing, 6, 6);
        providers.setAvailability(listing, 6, 0);
        vm.stopPrank();
        assertEq(providers.getListing(listing).version, 3);
    }

    function test_PROV03_reserveAndRelease_onlyTheJobRegistry() public {
        address[6] memory callers = [STRANGER, OWNER, ADMIN, ROUTER, address(escrow), address(challenges)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.NotJobRegistry.selector, callers[i]));
            providers.reserve(listing, 1, RATE, BUYER, aRequest());
            vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.NotJobRegistry.selector, callers[i]));
            providers.release(listing, 1, Outcome.None);
            vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.NotJobRegistry.selector, callers[i]));
            providers.releaseDisputed(listing, 1);
            vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.NotJobRegistry.selector, callers[i]));
            providers.recordOutcome(listing, Outcome.Completed);
            vm.stopPrank();
        }
    }

    function test_PROV03_reservations_areEventsAndDoNotMoveTheVersion() public {
        vm.startPrank(address(jobs));
        vm.expectEmit(address(providers));
        emit IProviderRegistry.CapacityReserved(listing, 2, 2);
        assertEq(providers.reserve(listing, 1, RATE, BUYER, aRequest()), OWNER);
        vm.expectEmit(address(providers));
        emit IProviderRegistry.CapacityReserved(listing, 2, 4);
        providers.reserve(listing, 1, RATE, BUYER, aRequest());
        vm.expectEmit(address(providers));
        emit IProviderRegistry.CapacityReleased(listing, 2, 2);
        providers.release(listing, 2, Outcome.None);
        vm.stopPrank();
        assertEq(providers.getListing(listing).version, 1);
        assertEq(reservedOf(listing), 2);
    }

    /// Whatever changes a listing is noted with its time: a challenge compares only what stood still.
    function test_AGT09_touchedAt_movesWithEveryChange() public {
        uint256 now_ = block.timestamp;
        for (uint256 i = 0; i < 8; ++i) {
            now_ += 10;
            vm.warp(now_);
            vm.startPrank(i < 5 ? OWNER : address(jobs));
            if (i == 0) providers.setPricing(listing, fixedPricing(RATE));
            if (i == 1) providers.setCapacity(listing, 16, false);
            if (i == 2) providers.setAvailability(listing, 0, 0);
            if (i == 3) providers.setTiers(listing, new Tier[](0));
            if (i == 4) providers.setAccessRules(listing, AccessRules({attestations: 0, allowListOnly: false}));
            if (i == 5) providers.reserve(listing, 6, RATE, BUYER, requestOf(4));
            if (i == 6) providers.release(listing, 2, Outcome.Completed);
            if (i == 7) providers.releaseDisputed(listing, 2);
            vm.stopPrank();
            assertEq(providers.getListing(listing).touchedAt, now_);
            assertEq(providers.getListing(listing).version, i < 5 ? i + 2 : 6);
        }
        vm.warp(now_ + 10);
        vm.prank(address(jobs));
        providers.recordOutcome(listing, Outcome.Failed);
        assertEq(providers.getListing(listing).touchedAt, now_);
    }

    /// Each outcome counts once, where it belongs.
    function test_PROV03_outcomes_areCounted() public {
        uint32[3][6] memory wanted =
            [[uint32(0), 0, 0], [uint32(1), 0, 0], [uint32(1), 1, 0], [uint32(1), 1, 1], [uint32(2), 1, 1], [uint32(2), 2, 1]];
        vm.startPrank(address(jobs));
        providers.reserve(listing, 1, RATE, BUYER, requestOf(8));
        for (uint256 i = 0; i < 6; ++i) {
            if (i == 0) providers.release(listing, 1, Outcome.None);
            if (i == 1) providers.release(listing, 1, Outcome.Completed);
            if (i == 2) providers.release(listing, 1, Outcome.Failed);
            if (i == 3) providers.releaseDisputed(listing, 1);
            if (i == 4) providers.recordOutcome(listing, Outcome.Completed);
            if (i == 5) providers.recordOutcome(listing, Outcome.Failed);
            IProviderRegistry.Provider memory held = providers.getProvider(provider);
            assertEq(held.completed, wanted[i][0]);
            assertEq(held.failed, wanted[i][1]);
            assertEq(held.disputed, wanted[i][2]);
            assertEq(held.owner, OWNER);
        }
        providers.recordOutcome(listing, Outcome.None);
        vm.stopPrank();
        assertEq(reservedOf(listing), 4);
    }

    function requestOf(uint16 count) private view returns (JobRequest memory asked) {
        asked = aRequest();
        asked.gpuCount = count;
    }

    function test_SET03_views_refuseUnknownIds() public {
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.UnknownListing.selector, NO_LISTING));
        providers.getListing(NO_LISTING);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.UnknownProvider.selector, NO_PROVIDER));
        providers.getProvider(NO_PROVIDER);
    }
}
