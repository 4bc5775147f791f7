// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {ListingId} from "../types/Ids.sol";
import {JobRequest} from "../types/Job.sol";
import {Listing} from "../types/Listing.sol";

/// @title A request's hard limits against a listing: each rule has its error, with the two values that were compared
library Limits {
    /// @dev Reverts unless the hardware, its place and its way of pricing are what the request asks for.
    function checkFit(Listing memory listing, JobRequest calldata request) internal pure {
        require(listing.gpuModel == request.gpuModel, IProviderRegistry.GpuModelMismatch(request.gpuModel, listing.gpuModel));
        require(listing.memoryGiB >= request.minMemoryGiB, IProviderRegistry.MemoryTooSmall(request.minMemoryGiB, listing.memoryGiB));
        uint8 formFactor = uint8(listing.formFactor);
        require(
            request.formFactors == 0 || hasBit(request.formFactors, formFactor),
            IProviderRegistry.FormFactorMismatch(request.formFactors, formFactor)
        );
        uint8 continent = uint8(listing.continent);
        bool anywhere = request.continents == 0 && request.countries == 0;
        require(
            anywhere || hasBit(request.continents, continent) || hasCountry(request.countries, listing.country),
            IProviderRegistry.RegionMismatch(request.continents, request.countries, continent, listing.country)
        );
        uint8 model = uint8(listing.model);
        require(!hasBit(request.excludedPricing, model), IProviderRegistry.PricingExcluded(request.excludedPricing, model));
    }

    /// @dev Reverts unless one machine is wide enough and enough GPUs are free.
    function checkCapacity(ListingId id, Listing memory listing, uint16 gpuCount) internal pure {
        // A provider that took GPUs away can have fewer left than its widest machine had.
        uint16 widest = listing.widest < listing.total ? listing.widest : listing.total;
        require(gpuCount <= widest, IProviderRegistry.MachineTooSmall(gpuCount, widest));
        uint16 free = listing.total - listing.reserved;
        require(gpuCount <= free, IProviderRegistry.CapacityExhausted(id, gpuCount, free));
    }

    /// @dev Reverts unless the job fits into the listing's window even when it starts as late as it may.
    function checkAvailability(Listing memory listing, JobRequest calldata request) internal view {
        uint256 end = block.timestamp + request.startWindow + request.duration;
        require(
            block.timestamp >= listing.availableFrom && (listing.availableUntil == 0 || end <= listing.availableUntil),
            IProviderRegistry.OutsideAvailability(listing.availableFrom, listing.availableUntil, block.timestamp, end)
        );
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
