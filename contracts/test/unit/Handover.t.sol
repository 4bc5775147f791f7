// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {JobId, ListingId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Routing, Terms} from "../../src/types/Job.sol";
import {ListingKind} from "../../src/types/Listing.sol";
import {Base} from "../utils/Base.sol";

/// @title PROV-01: what another owner, and what a full counter, changes for jobs
contract HandoverTest is Base {
    /// Who decided on a listing decided on whom it pays.
    function test_PROV01_handover_isAnotherVersionOfEveryListing() public {
        ListingId second = newListing(ListingKind.Own, fixedPricing(RATE));
        vm.prank(OWNER);
        providers.setCapacity(second, 16, false);
        JobRequest memory asked = aRequest();
        JobId job = request(BUYER, asked);
        Routing memory decided = routingTo(listing, RATE);
        handOver(STRANGER);
        assertEq(providers.getListing(listing).version, 2);
        assertEq(providers.getListing(second).version, 3);

        Terms memory terms = termsOf(job);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.ListingVersionChanged.selector, listing, 1, 2));
        vm.prank(ROUTER);
        jobs.route(job, terms, asked, decided);

        // Its next change, and a new listing, go on from there.
        vm.startPrank(STRANGER);
        vm.expectEmit(address(providers));
        emit IProviderRegistry.CapacityChanged(listing, 3, 8, false);
        providers.setCapacity(listing, 8, false);
        ListingId third = providers.addListing(provider, ListingKind.Own, hardware(), fixedPricing(RATE), description(ListingKind.Own));
        vm.stopPrank();
        assertEq(providers.getListing(third).version, 2);
        routeTo(job, asked, routingTo(third, RATE));
        assertEq(termsOf(job).provider, STRANGER);
    }

    /// Buyers can raise them for gas alone: a full one must not keep a job from ending.
    function test_RES04_counters_thatAreFullCloseNoWayOut() public {
        IProviderRegistry.Provider memory full = providers.getProvider(provider);
        // As snapshots/storage.json has it: owner in the lowest 20 bytes, then generation, completed, failed and disputed.
        bytes32 slot = keccak256(abi.encode(provider, uint256(2)));
        uint256 counters = uint256(type(uint24).max) << 208 | uint256(type(uint24).max) << 232;
        vm.store(address(providers), slot, bytes32(counters | uint160(full.owner)));
        full = providers.getProvider(provider);
        assertEq(full.owner, OWNER);
        assertEq(full.failed, type(uint24).max);
        assertEq(full.disputed, type(uint24).max);
        JobId failing = jobIn(JobStatus.Disputed, BUYER, aRequest());
        Terms memory terms = termsOf(failing);
        vm.prank(OWNER);
        jobs.fail(failing, terms);
        assertEq(uint8(statusOf(failing)), uint8(JobStatus.Failed));
        assertEq(abi.encode(providers.getProvider(provider)), abi.encode(full));
    }
}
