// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {ListingId} from "../../src/types/Ids.sol";
import {JobRequest} from "../../src/types/Job.sol";
import {JobId} from "../../src/types/Ids.sol";
import {ListingKind, PricingModel, Tier} from "../../src/types/Listing.sol";
import {Base} from "../utils/Base.sol";

/// @title PROV-02: a week's prices
contract TiersTest is Base {
    /// A Monday at midnight, UTC: the fifth of January 2026.
    uint256 private constant MONDAY = 1_767_571_200;
    uint16 private constant HALF = 5_000;

    function tiersOf(uint8 hour, uint16 multiplier) private pure returns (Tier[] memory tiers) {
        tiers = new Tier[](1);
        tiers[0] = Tier({hour: hour, multiplier: multiplier});
    }

    function nightAndDay() private pure returns (Tier[] memory tiers) {
        tiers = new Tier[](2);
        tiers[0] = Tier({hour: 8, multiplier: 10_000});
        tiers[1] = Tier({hour: 20, multiplier: HALF});
    }

    function set(ListingId of_, Tier[] memory tiers) private {
        vm.prank(OWNER);
        providers.setTiers(of_, tiers);
    }

    function rateAt(uint256 at) private returns (uint64) {
        vm.warp(at);
        return providers.currentRate(listing);
    }

    function refused(Tier[] memory tiers) private {
        vm.expectRevert(IProviderRegistry.InvalidTiers.selector);
        vm.prank(OWNER);
        providers.setTiers(listing, tiers);
    }

    function test_PROV02_tiers_areToldAndKept() public {
        vm.expectEmit(address(providers));
        emit IProviderRegistry.TiersChanged(listing, 2, nightAndDay());
        set(listing, nightAndDay());
        assertEq(abi.encode(providers.getTiers(listing)), abi.encode(nightAndDay()));
        assertTrue(providers.getListing(listing).tiered);

        vm.expectEmit(address(providers));
        emit IProviderRegistry.TiersChanged(listing, 3, new Tier[](0));
        set(listing, new Tier[](0));
        assertEq(providers.getTiers(listing).length, 0);
        assertFalse(providers.getListing(listing).tiered);
        assertEq(providers.currentRate(listing), RATE);
    }

    /// To the second, and over the week's end: Sunday's night lasts until Monday at eight.
    function test_PROV02_tiers_beginInTheirExactHour() public {
        set(listing, nightAndDay());
        assertEq(rateAt(MONDAY), RATE / 2);
        assertEq(rateAt(MONDAY + 8 hours - 1), RATE / 2);
        assertEq(rateAt(MONDAY + 8 hours), RATE);
        assertEq(rateAt(MONDAY + 20 hours - 1), RATE);
        assertEq(rateAt(MONDAY + 20 hours), RATE / 2);
        // Hours of the week, not of the day: on Tuesday at nine it is still Monday's night.
        assertEq(rateAt(MONDAY + 33 hours), RATE / 2);
        assertEq(rateAt(MONDAY + 7 days - 1), RATE / 2);
        assertEq(rateAt(MONDAY + 7 days + 8 hours), RATE);
    }

    function test_PROV02_tiers_theWeeksFirstAndLastHour() public {
        Tier[] memory tiers = new Tier[](2);
        tiers[0] = Tier({hour: 0, multiplier: 20_000});
        tiers[1] = Tier({hour: 167, multiplier: 30_000});
        set(listing, tiers);
        assertEq(rateAt(MONDAY - 1), 3 * RATE);
        assertEq(rateAt(MONDAY), 2 * RATE);
        assertEq(rateAt(MONDAY + 167 hours - 1), 2 * RATE);
        assertEq(rateAt(MONDAY + 167 hours), 3 * RATE);
    }

    function test_PROV02_tiers_oneLastsAllWeek() public {
        set(listing, tiersOf(100, HALF));
        for (uint256 hour = 0; hour < 168; hour += 7) {
            assertEq(rateAt(MONDAY + hour * 1 hours), RATE / 2);
        }
    }

    function test_PROV02_tiers_roundDownAndAreNeverFree() public {
        vm.prank(OWNER);
        providers.setPricing(listing, fixedPricing(3));
        set(listing, tiersOf(0, 9_999));
        assertEq(providers.currentRate(listing), 2);
        set(listing, tiersOf(0, 1));
        assertEq(providers.currentRate(listing), 1);
        vm.prank(OWNER);
        providers.setPricing(listing, fixedPricing(type(uint64).max));
        set(listing, tiersOf(0, type(uint16).max));
        assertEq(providers.currentRate(listing), type(uint64).max);
    }

    function test_PROV02_tiers_atMostTenThatRise() public {
        Tier[] memory tiers = new Tier[](10);
        for (uint8 i = 0; i < 10; ++i) {
            tiers[i] = Tier({hour: i * 18, multiplier: type(uint16).max - i});
        }
        set(listing, tiers);
        assertEq(abi.encode(providers.getTiers(listing)), abi.encode(tiers));

        Tier[] memory eleven = new Tier[](11);
        for (uint8 i = 0; i < 11; ++i) {
            eleven[i] = Tier({hour: i, multiplier: 1});
        }
        refused(eleven);
        refused(tiersOf(168, 1));
        refused(tiersOf(0, 0));
        tiers = nightAndDay();
        tiers[1].hour = 8;
        refused(tiers);
        tiers[1].hour = 7;
        refused(tiers);
    }

    /* WITH THE OTHER PRICES */

    function test_PROV02_tiers_onlyWhereThereIsOnePrice() public {
        ListingId[3] memory open = [
            newListing(ListingKind.Own, bandPricing(PricingModel.Token, 1, 2)),
            newListing(ListingKind.Network, bandPricing(PricingModel.Dynamic, 1, 2)),
            newListing(ListingKind.Network, bandPricing(PricingModel.Token, 1, 2))
        ];
        for (uint256 i = 0; i < open.length; ++i) {
            vm.expectRevert(IProviderRegistry.InvalidTiers.selector);
            set(open[i], nightAndDay());
            // Taking away what is not there is no harm.
            set(open[i], new Tier[](0));
        }
    }

    function test_PROV02_tiers_multiplyADynamicPrice() public {
        ListingId rising = newListing(ListingKind.Own, bandPricing(PricingModel.Dynamic, USD, 2 * USD));
        set(rising, tiersOf(0, HALF));
        assertEq(providers.currentRate(rising), USD / 2);
        JobRequest memory asked = aRequest();
        JobId job = request(BUYER, asked);
        routeTo(job, asked, routingTo(rising, USD / 2));
        // 2 of 16 are reserved: 1.125 and half of it.
        assertEq(providers.currentRate(rising), 562_500);
    }

    function test_PROV02_tiers_goWithAnOpenPriceAndStayWithAnExactOne() public {
        set(listing, nightAndDay());
        vm.prank(OWNER);
        providers.setPricing(listing, bandPricing(PricingModel.Dynamic, USD, 2 * USD));
        assertEq(providers.getTiers(listing).length, 2);
        vm.expectEmit(address(providers));
        emit IProviderRegistry.TiersChanged(listing, 4, new Tier[](0));
        vm.prank(OWNER);
        providers.setPricing(listing, bandPricing(PricingModel.Token, USD, 2 * USD));
        assertEq(providers.getTiers(listing).length, 0);
        assertFalse(providers.getListing(listing).tiered);
        // And do not come back by themselves.
        vm.prank(OWNER);
        providers.setPricing(listing, fixedPricing(RATE));
        assertEq(rateAt(MONDAY), RATE);
    }

    function test_PROV02_tiers_areThePriceOfARouting() public {
        set(listing, nightAndDay());
        vm.warp(MONDAY + 7 days);
        JobRequest memory asked = aRequest();
        JobId job = request(BUYER, asked);
        bytes memory why = abi.encodeWithSelector(IProviderRegistry.PriceMismatch.selector, RATE, RATE / 2);
        vm.expectRevert(why);
        vm.prank(address(jobs));
        providers.reserve(listing, 2, RATE, BUYER, asked);
        routeTo(job, asked, routingTo(listing, RATE / 2));
        start(job);
        // By day it costs twice as much: the extension is not to be had at night's price.
        vm.warp(MONDAY + 7 days + 8 hours);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.PriceRisen.selector, RATE / 2, RATE));
        providers.checkExtension(listing, 2, RATE / 2, block.timestamp + 1);
    }

    /// Any tiers at any time, against a walk back through the hours.
    function testFuzz_PROV02_tiers_areTheLastThatBegan(uint256 seed, uint8 count, uint32 at) public {
        Tier[] memory tiers = new Tier[](1 + count % 10);
        uint256 hour = 0;
        for (uint256 i = 0; i < tiers.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            hour += (i == 0 ? 0 : 1) + seed % 16;
            tiers[i] = Tier({hour: uint8(hour), multiplier: uint16(1 + (seed >> 32) % 65_535)});
        }
        set(listing, tiers);
        uint256 now_ = MONDAY + at;
        uint256 wanted = 0;
        for (uint256 back = 0; wanted == 0; ++back) {
            uint256 then = (at / 1 hours + 168 - back % 168) % 168;
            for (uint256 i = 0; i < tiers.length; ++i) {
                if (tiers[i].hour == then) wanted = tiers[i].multiplier;
            }
        }
        uint256 price = uint256(RATE) * wanted / 10_000;
        assertEq(rateAt(now_), price == 0 ? 1 : price);
    }
}
