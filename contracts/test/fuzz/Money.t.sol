// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {JobId, ListingId} from "../../src/types/Ids.sol";
import {JobRequest, Routing} from "../../src/types/Job.sol";
import {Hardware, Listing, ListingKind, PricingModel} from "../../src/types/Listing.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-02, PROV-02: the arithmetic of money against a plain reference
contract MoneyFuzzTest is Base {
    /// The reference: hours as an exact fraction, by division with remainder.
    function exact(uint256 price, uint256 count, uint256 elapsed) private pure returns (uint256 whole, bool hasRest) {
        uint256 product = price * count * elapsed;
        whole = product / 3600;
        hasRest = whole * 3600 != product;
    }

    function testFuzz_SET02_lockFor_isTheCeiling(uint64 price, uint16 count, uint32 duration) public {
        JobRequest memory asked = aRequest();
        (asked.maxPricePerGpuHour, asked.gpuCount, asked.duration) = (price, count, duration);
        (uint256 whole, bool hasRest) = exact(price, count, duration);
        uint256 wanted = hasRest ? whole + 1 : whole;
        if (wanted > type(uint64).max) vm.expectRevert(abi.encodeWithSelector(IJobRegistry.AmountTooLarge.selector, wanted));
        uint64 locked = jobs.lockFor(asked);
        if (wanted <= type(uint64).max) assertEq(locked, wanted);
    }

    function testFuzz_SET02_costOf_isTheFloor(uint64 price, uint16 count, uint32 elapsed) public {
        (uint256 wanted,) = exact(price, count, elapsed);
        if (wanted > type(uint64).max) vm.expectRevert(abi.encodeWithSelector(IJobRegistry.AmountTooLarge.selector, wanted));
        uint64 cost = jobs.costOf(price, count, elapsed);
        if (wanted <= type(uint64).max) assertEq(cost, wanted);
    }

    /// Whatever is routed and however long it runs: the lock covers it, and a longer run never costs less.
    function testFuzz_SET02_costNeverExceedsTheLock(uint64 maximum, uint64 price, uint16 count, uint32 duration, uint32 a, uint32 b)
        public
        view
    {
        JobRequest memory asked = aRequest();
        maximum = uint64(bound(maximum, 1, 1_000_000 * USD));
        price = uint64(bound(price, 1, maximum));
        count = uint16(bound(count, 1, 1024));
        duration = uint32(bound(duration, 60, 90 days));
        a = uint32(bound(a, 0, duration));
        b = uint32(bound(b, a, duration));
        (asked.maxPricePerGpuHour, asked.gpuCount, asked.duration) = (maximum, count, duration);
        assertLe(jobs.costOf(price, count, a), jobs.costOf(price, count, b));
        assertLe(jobs.costOf(price, count, b), jobs.lockFor(asked));
    }

    /// A whole life with any numbers: nothing is lost and nothing is made.
    function testFuzz_SET02_settlementConserves(uint64 maximum, uint64 price, uint16 count, uint32 duration, uint32 ran) public {
        JobRequest memory asked = aRequest();
        asked.maxPricePerGpuHour = uint64(bound(maximum, 1, 1000 * USD));
        asked.gpuCount = uint16(bound(count, 1, 64));
        asked.duration = uint32(bound(duration, 60, 90 days));
        price = uint64(bound(price, 1, asked.maxPricePerGpuHour));
        ran = uint32(bound(ran, 0, 200 days));
        usdc.mint(BUYER, 1e15);
        vm.prank(BUYER);
        escrow.deposit(1e15);

        Hardware memory machine = hardware();
        (machine.total, machine.widest) = (64, 64);
        ListingId wide = newListing(ListingKind.Own, fixedPricing(price), machine);
        uint256 before = availableOf(personal(BUYER));
        JobId job = request(BUYER, asked);
        uint256 locked = lockedOf(personal(BUYER));
        Routing memory routing = routingTo(wide, price);
        routeTo(job, asked, routing);
        start(job);
        vm.warp(block.timestamp + ran);
        complete(job);

        (uint256 due,) = exact(price, asked.gpuCount, ran < asked.duration ? ran : asked.duration);
        assertEq(availableOf(personal(OWNER)), due);
        assertEq(availableOf(personal(BUYER)), before - due);
        assertLe(due, locked);
        assertEq(lockedOf(personal(BUYER)), 0);
    }

    function testFuzz_PROV02_dynamicRate_isLinear(uint64 floor, uint64 ceiling, uint16 total, uint16 reserved) public {
        floor = uint64(bound(floor, 1, type(uint64).max));
        ceiling = uint64(bound(ceiling, floor, type(uint64).max));
        total = uint16(bound(total, 1, type(uint16).max));
        reserved = uint16(bound(reserved, 0, total));
        Hardware memory machine = hardware();
        (machine.total, machine.widest) = (total, total);
        ListingId rising = newListing(ListingKind.Own, bandPricing(PricingModel.Dynamic, floor, ceiling), machine);
        if (reserved > 0) {
            JobRequest memory asked = aRequest();
            (asked.gpuCount, asked.maxPricePerGpuHour) = (reserved, floor);
            vm.prank(address(jobs));
            providers.reserve(rising, 1, floor, BUYER, asked);
        }
        uint64 rate = providers.currentRate(rising);
        assertEq(rate, floor + (uint256(ceiling) - floor) * reserved / total);
        assertGe(rate, floor);
        assertLe(rate, ceiling);
    }
}
