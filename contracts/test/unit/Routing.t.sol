// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {JobId, ListingId} from "../../src/types/Ids.sol";
import {Job, JobRequest, JobStatus, Routing, Terms} from "../../src/types/Job.sol";
import {Continent, FormFactor, Hardware, ListingKind, Pricing, PricingModel} from "../../src/types/Listing.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-01, AGT-04: what a routing has to satisfy; the last line of defence against a stolen agent key
contract RoutingTest is Base {
    JobRequest private asked;
    JobId private job;

    function setUp() public override {
        super.setUp();
        asked = aRequest();
    }

    /// Requests `asked` and expects its routing to revert.
    function refused(Routing memory routing, bytes memory why) private {
        job = request(BUYER, asked);
        Terms memory terms = termsOf(job);
        vm.expectRevert(why);
        vm.prank(ROUTER);
        jobs.route(job, terms, asked, routing);
    }

    function accepted(Routing memory routing) private {
        job = request(BUYER, asked);
        routeTo(job, asked, routing);
        assertEq(uint8(statusOf(job)), uint8(JobStatus.Routed));
    }

    function with(Hardware memory machine) private returns (ListingId) {
        return newListing(ListingKind.Own, fixedPricing(RATE), machine);
    }

    /* WHAT IS STORED AND TOLD */

    function test_SET01_route_storesAndTellsAll() public {
        vm.prank(ADMIN);
        jobs.setFee(250, STRANGER);
        job = request(BUYER, asked);
        Routing memory routing = aRouting();
        bytes32 commitment = jobs.commitmentOf(job, jobs.hashRequest(asked), OWNER, routing);
        uint40 startDeadline = uint40(block.timestamp) + asked.startWindow;

        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobRouted({
            job: job,
            listing: listing,
            provider: OWNER,
            listingVersion: 1,
            pricePerGpuHour: RATE,
            fee: 250,
            router: ROUTER,
            startDeadline: startDeadline,
            candidatesRoot: routing.candidatesRoot,
            recordRoot: routing.recordRoot,
            recordHash: routing.recordHash,
            commitment: commitment
        });
        routeTo(job, asked, routing);

        Terms memory terms = termsOf(job);
        assertEq(terms.commitment, commitment);
        Job memory wanted = Job({termsHash: bytes26(keccak256(abi.encode(terms))), status: JobStatus.Routed, time: startDeadline});
        assertEq(abi.encode(jobs.getJob(job)), abi.encode(wanted));
        assertEq(reservedOf(listing), 2);
    }

    /// Each field of a decision changes the commitment.
    function test_SET01_commitment_bindsEveryField() public view {
        Routing memory routing = aRouting();
        bytes32 hash = jobs.hashRequest(asked);
        bytes32[10] memory all;
        all[0] = jobs.commitmentOf(JobId.wrap(1), hash, OWNER, routing);
        all[1] = jobs.commitmentOf(JobId.wrap(2), hash, OWNER, routing);
        all[2] = jobs.commitmentOf(JobId.wrap(1), bytes32(uint256(hash) ^ 1), OWNER, routing);
        all[3] = jobs.commitmentOf(JobId.wrap(1), hash, STRANGER, routing);
        routing.listing = ListingId.wrap(9);
        all[4] = jobs.commitmentOf(JobId.wrap(1), hash, OWNER, routing);
        routing = aRouting();
        routing.listingVersion++;
        all[5] = jobs.commitmentOf(JobId.wrap(1), hash, OWNER, routing);
        routing = aRouting();
        routing.pricePerGpuHour++;
        all[6] = jobs.commitmentOf(JobId.wrap(1), hash, OWNER, routing);
        routing = aRouting();
        routing.candidatesRoot ^= bytes32(uint256(1));
        all[7] = jobs.commitmentOf(JobId.wrap(1), hash, OWNER, routing);
        routing = aRouting();
        routing.recordRoot ^= bytes32(uint256(1));
        all[8] = jobs.commitmentOf(JobId.wrap(1), hash, OWNER, routing);
        routing = aRouting();
        routing.recordHash ^= bytes32(uint256(1));
        all[9] = jobs.commitmentOf(JobId.wrap(1), hash, OWNER, routing);
        for (uint256 i = 0; i < all.length; ++i) {
            for (uint256 j = 0; j < i; ++j) {
                assertNotEq(all[i], all[j]);
            }
        }
    }

    /* THE REQUEST AND THE RECORD */

    function test_SET01_route_refusesAnotherRequest() public {
        job = request(BUYER, asked);
        bytes32 expected = jobs.hashRequest(asked);
        JobRequest memory other = aRequest();
        other.maxPricePerGpuHour++;
        Routing memory routing = aRouting();
        Terms memory terms = termsOf(job);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.RequestMismatch.selector, job, expected, keccak256(abi.encode(other))));
        vm.prank(ROUTER);
        jobs.route(job, terms, other, routing);
    }

    function test_VER02_route_refusesAnEmptyRecord() public {
        bytes memory why = abi.encodeWithSelector(IJobRegistry.ZeroRecord.selector);
        Routing memory routing = aRouting();
        routing.candidatesRoot = 0;
        refused(routing, why);
        routing = aRouting();
        routing.recordRoot = 0;
        refused(routing, why);
        routing = aRouting();
        routing.recordHash = 0;
        refused(routing, why);
    }

    function test_SET01_route_untilTheDeadlinesLastSecond() public {
        job = request(BUYER, asked);
        Routing memory routing = aRouting();
        vm.warp(asked.routeDeadline);
        routeTo(job, asked, routing);

        asked.routeDeadline = uint40(block.timestamp) + 60;
        job = request(BUYER, asked);
        Terms memory terms = termsOf(job);
        vm.warp(asked.routeDeadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.DeadlinePassed.selector, job, uint256(asked.routeDeadline), block.timestamp));
        vm.prank(ROUTER);
        jobs.route(job, terms, asked, routing);
    }

    /* THE LISTING */

    function test_SET03_route_refusesUnknownOfflineAndChangedListings() public {
        Routing memory routing = aRouting();
        routing.listing = ListingId.wrap(99);
        refused(routing, abi.encodeWithSelector(IProviderRegistry.UnknownListing.selector, routing.listing));

        routing = aRouting();
        vm.prank(OWNER);
        providers.setPricing(listing, fixedPricing(RATE));
        refused(routing, abi.encodeWithSelector(IProviderRegistry.ListingVersionChanged.selector, listing, 1, 2));
        routing.listingVersion = 3;
        refused(routing, abi.encodeWithSelector(IProviderRegistry.ListingVersionChanged.selector, listing, 3, 2));

        vm.prank(OWNER);
        providers.setCapacity(listing, 16, true);
        refused(aRouting(), abi.encodeWithSelector(IProviderRegistry.ListingOffline.selector, listing));
    }

    function test_AGT04_limits_gpuModelAndMemory() public {
        asked.gpuModel = "h200";
        refused(aRouting(), abi.encodeWithSelector(IProviderRegistry.GpuModelMismatch.selector, bytes16("h200"), H100));
        asked = aRequest();
        asked.minMemoryGiB = 81;
        refused(aRouting(), abi.encodeWithSelector(IProviderRegistry.MemoryTooSmall.selector, 81, 80));
        asked.minMemoryGiB = 0;
        accepted(aRouting());
    }

    function test_AGT04_limits_unknownMemoryIsNeverEnough() public {
        Hardware memory machine = hardware();
        machine.memoryGiB = 0;
        ListingId unknown = with(machine);
        asked.minMemoryGiB = 1;
        refused(routingTo(unknown, RATE), abi.encodeWithSelector(IProviderRegistry.MemoryTooSmall.selector, 1, 0));
        asked.minMemoryGiB = 0;
        accepted(routingTo(unknown, RATE));
    }

    function test_AGT04_limits_formFactor() public {
        uint8 sxm = uint8(FormFactor.Sxm);
        asked.formFactors = uint8(~(1 << sxm));
        refused(aRouting(), abi.encodeWithSelector(IProviderRegistry.FormFactorMismatch.selector, asked.formFactors, sxm));
        asked.formFactors = uint8(1 << sxm);
        accepted(aRouting());
    }

    function test_AGT04_limits_region() public {
        uint8 europe = uint8(Continent.Europe);
        asked.continents = uint8(~(1 << europe));
        refused(
            aRouting(),
            abi.encodeWithSelector(IProviderRegistry.RegionMismatch.selector, asked.continents, bytes16(0), europe, bytes2("DE"))
        );
        asked.continents = uint8(1 << europe);
        accepted(aRouting());

        // By country: one that is in the list, at its begin, its middle and its end.
        asked.continents = 0;
        bytes16[3] memory good = [bytes16("DEFRUS"), bytes16("FRDEUS"), bytes16("FRUSITESPTBENLDE")];
        for (uint256 i = 0; i < good.length; ++i) {
            asked.countries = good[i];
            accepted(aRouting());
        }
        // Letters of two neighbours are no country: "ED" + "EF" holds "DE" only across the border.
        bytes16[3] memory bad = [bytes16("FR"), bytes16("EDEF"), bytes16("FRUSITESPTBENLCH")];
        for (uint256 i = 0; i < bad.length; ++i) {
            asked.countries = bad[i];
            refused(aRouting(), abi.encodeWithSelector(IProviderRegistry.RegionMismatch.selector, 0, bad[i], europe, bytes2("DE")));
        }
        // Continent or country, whichever fits.
        asked.continents = uint8(1 << europe);
        accepted(aRouting());
    }

    function test_AGT04_limits_unknownPlaceIsNowhere() public {
        Hardware memory machine = hardware();
        (machine.continent, machine.country) = (Continent.Unknown, 0);
        ListingId unknown = with(machine);
        asked.countries = "DE";
        refused(routingTo(unknown, RATE), abi.encodeWithSelector(IProviderRegistry.RegionMismatch.selector, 0, bytes16("DE"), 0, bytes2(0)));
        asked.countries = 0;
        accepted(routingTo(unknown, RATE));
    }

    function test_AGT04_limits_excludedPricing() public {
        asked.excludedPricing = uint8(1 << uint8(PricingModel.Fixed));
        refused(aRouting(), abi.encodeWithSelector(IProviderRegistry.PricingExcluded.selector, asked.excludedPricing, 0));
        asked.excludedPricing = uint8(~(1 << uint8(PricingModel.Fixed)));
        accepted(aRouting());
    }

    /* CAPACITY */

    function test_PROV03_limits_oneMachine() public {
        asked.gpuCount = 9;
        refused(aRouting(), abi.encodeWithSelector(IProviderRegistry.MachineTooSmall.selector, 9, 8));
        vm.prank(OWNER);
        providers.setCapacity(listing, 3, false);
        asked.gpuCount = 4;
        refused(aRouting(), abi.encodeWithSelector(IProviderRegistry.MachineTooSmall.selector, 4, 3));
        asked.gpuCount = 3;
        accepted(aRouting());
    }

    function test_PROV03_limits_theLastGpuGoesOnce() public {
        asked.gpuCount = 8;
        accepted(aRouting());
        asked.gpuCount = 7;
        accepted(aRouting());
        asked.gpuCount = 2;
        refused(aRouting(), abi.encodeWithSelector(IProviderRegistry.CapacityExhausted.selector, listing, 2, 1));
        asked.gpuCount = 1;
        accepted(aRouting());
        refused(aRouting(), abi.encodeWithSelector(IProviderRegistry.CapacityExhausted.selector, listing, 1, 0));

        Terms memory terms = termsOf(JobId.wrap(2));
        vm.prank(OWNER);
        jobs.decline(JobId.wrap(2), terms);
        assertEq(reservedOf(listing), 9);
    }

    function test_PROV01_limits_availability() public {
        uint256 end = block.timestamp + asked.startWindow + asked.duration;
        Hardware memory machine = hardware();
        machine.availableUntil = uint32(end);
        accepted(routingTo(with(machine), RATE));

        machine.availableUntil = uint32(end - 1);
        ListingId short = with(machine);
        refused(
            routingTo(short, RATE), abi.encodeWithSelector(IProviderRegistry.OutsideAvailability.selector, 0, end - 1, block.timestamp, end)
        );

        (machine.availableFrom, machine.availableUntil) = (uint32(block.timestamp + 1), 0);
        ListingId later = with(machine);
        refused(
            routingTo(later, RATE),
            abi.encodeWithSelector(IProviderRegistry.OutsideAvailability.selector, block.timestamp + 1, 0, block.timestamp, end)
        );
        vm.warp(block.timestamp + 1);
        accepted(routingTo(later, RATE));
    }

    /* THE PRICE */

    function test_SET01_price_neverAboveTheMaximum() public {
        asked.maxPricePerGpuHour = RATE - 1;
        refused(aRouting(), abi.encodeWithSelector(IProviderRegistry.PriceAboveMaximum.selector, RATE, RATE - 1));
        asked.maxPricePerGpuHour = RATE;
        accepted(aRouting());
    }

    function test_PROV02_price_fixedIsExact() public {
        refused(routingTo(listing, RATE - 1), abi.encodeWithSelector(IProviderRegistry.PriceMismatch.selector, RATE - 1, RATE));
        refused(routingTo(listing, RATE + 1), abi.encodeWithSelector(IProviderRegistry.PriceMismatch.selector, RATE + 1, RATE));
    }

    function test_PROV02_price_dynamicFollowsWhatIsReservedBefore() public {
        ListingId rising = newListing(ListingKind.Own, bandPricing(PricingModel.Dynamic, USD, 2 * USD));
        accepted(routingTo(rising, USD));
        // 2 of 16 are reserved now: 1 + 1 * 2 / 16.
        refused(routingTo(rising, USD), abi.encodeWithSelector(IProviderRegistry.PriceMismatch.selector, USD, 1_125_000));
        accepted(routingTo(rising, 1_125_000));
        assertEq(providers.currentRate(rising), 1_250_000);
    }

    function test_PROV02_price_bandsOfTokensAndNetworks() public {
        ListingId[3] memory open = [
            newListing(ListingKind.Own, bandPricing(PricingModel.Token, USD, 2 * USD)),
            newListing(ListingKind.Network, bandPricing(PricingModel.Dynamic, USD, 2 * USD)),
            newListing(ListingKind.Network, bandPricing(PricingModel.Token, USD, 2 * USD))
        ];
        for (uint256 i = 0; i < open.length; ++i) {
            accepted(routingTo(open[i], USD));
            accepted(routingTo(open[i], USD + 12_345));
            accepted(routingTo(open[i], 2 * USD));
            uint64[3] memory bad = [uint64(0), USD - 1, 2 * USD + 1];
            for (uint256 j = 0; j < bad.length; ++j) {
                bytes memory why = abi.encodeWithSelector(IProviderRegistry.PriceOutsideBand.selector, bad[j], USD, 2 * USD);
                refused(routingTo(open[i], bad[j]), why);
            }
        }
    }

    function test_PROV02_price_aNetworksFixedRateIsOnlyItsUsualPrice() public {
        (uint64 floor, uint64 ceiling) = (USD, 2 * USD);
        ListingId network = newListing(ListingKind.Network, networkFixed(floor, ceiling));
        accepted(routingTo(network, floor));
        accepted(routingTo(network, ceiling));
    }

    function networkFixed(uint64 floor, uint64 ceiling) private pure returns (Pricing memory pricing) {
        pricing = fixedPricing(floor + 1);
        (pricing.floor, pricing.ceiling) = (floor, ceiling);
    }
}
