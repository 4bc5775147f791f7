// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {ListingId} from "../types/Ids.sol";
import {JobRequest} from "../types/Job.sol";
import {Listing} from "../types/Listing.sol";

/// @title A request's hard limits against a listing: each rule has its error, with the two values that were compared
library Limits {
    /// @dev Reverts unless the hardware, its place and its way of pricing are what the request asks for.
    function checkFit(Listing storage listing, JobRequest calldata request) internal view {
        bytes16 gpuModel = listing.gpuModel;
        require(gpuModel == request.gpuModel, IProviderRegistry.GpuModelMismatch(request.gpuModel, gpuModel));
        uint16 memoryGiB = listing.memoryGiB;
        require(memoryGiB >= request.minMemoryGiB, IProviderRegistry.MemoryTooSmall(request.minMemoryGiB, memoryGiB));
        uint8 formFactors = request.formFactors;
        if (formFactors != 0) {
            uint8 formFactor = uint8(listing.formFactor);
            require(hasBit(formFactors, formFactor), IProviderRegistry.FormFactorMismatch(formFactors, formFactor));
        }
        (uint8 continents, bytes16 countries) = (request.continents, request.countries);
        if (continents != 0 || countries != 0) {
            (uint8 continent, bytes2 country) = (uint8(listing.continent), listing.country);
            require(
                hasBit(continents, continent) || hasCountry(countries, country),
                IProviderRegistry.RegionMismatch(continents, countries, continent, country)
            );
        }
        uint8 excludedPricing = request.excludedPricing;
        if (excludedPricing != 0) {
            uint8 model = uint8(listing.model);
            require(!hasBit(excludedPricing, model), IProviderRegistry.PricingExcluded(excludedPricing, model));
        }
    }

    /// @dev Reverts unless one machine is wide enough and enough GPUs are free.
    function checkCapacity(ListingId id, Listing storage listing, uint16 gpuCount) internal view {
        (uint16 widest, uint16 total) = (listing.widest, listing.total);
        // A provider that took GPUs away can have fewer left than its widest machine had.
        if (total < widest) widest = total;
        require(gpuCount <= widest, IProviderRegistry.MachineTooSmall(gpuCount, widest));
        uint16 free = total - listing.reserved;
        require(gpuCount <= free, IProviderRegistry.CapacityExhausted(id, gpuCount, free));
    }

    /// @dev Reverts unless a job from `start` to `end` is inside the listing's window.
    function checkAvailability(Listing storage listing, uint256 start, uint256 end) internal view {
        (uint32 from, uint32 until) = (listing.availableFrom, listing.availableUntil);
        require(start >= from && (until == 0 || end <= until), IProviderRegistry.OutsideAvailability(from, until, start, end));
    }

    function hasBit(uint8 bits, uint8 value) private pure returns (bool) {
        return bits & (uint256(1) << value) != 0;
    }

    function hasCountry(bytes16 countries, bytes2 country) private pure returns (bool) {
        // An unknown country is nowhere, also where the padding begins.
        if (country == 0) return false;
        while (countries != 0) {
            // The first code of those that are left.
            // forge-lint: disable-next-line(unsafe-typecast)
            if (bytes2(countries) == country) return true;
            countries <<= 16;
        }
        return false;
    }
}
