// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {Listing, ListingKind, Pricing, PricingModel} from "../types/Listing.sol";

/// @title Which price terms make sense, and which price they allow
library Rates {
    /// @return whether the terms are complete and say nothing that their model does not read
    function isValid(Pricing calldata pricing, ListingKind kind) internal pure returns (bool) {
        bool isToken = pricing.model == PricingModel.Token;
        bool namesToken = isToken ? pricing.tokenAmount > 0 && pricing.token != 0 : pricing.tokenAmount == 0 && pricing.token == 0;
        if (!namesToken) return false;

        bool hasBand = pricing.floor > 0 && pricing.floor <= pricing.ceiling;
        if (pricing.model != PricingModel.Fixed) return hasBand && pricing.rate == 0;
        if (kind == ListingKind.Own) return pricing.rate > 0 && pricing.floor == 0 && pricing.ceiling == 0;
        // An operator fulfils inside the band; a rate is only its usual price, and may be left out.
        return hasBand && (pricing.rate == 0 || (pricing.floor <= pricing.rate && pricing.rate <= pricing.ceiling));
    }

    /// @return whether the exact price is left to the decision: networks and tokens move between listing and routing
    function hasOpenBand(Listing storage listing) internal view returns (bool) {
        return isOpen(listing.kind, listing.model);
    }

    function isOpen(ListingKind kind, PricingModel model) internal pure returns (bool) {
        return kind == ListingKind.Network || model == PricingModel.Token;
    }

    /// @dev Reverts unless the open band allows `price`.
    function checkBand(Listing storage listing, uint64 price) internal view {
        (uint64 floor, uint64 ceiling) = (listing.floor, listing.ceiling);
        require(floor <= price && price <= ceiling, IProviderRegistry.PriceOutsideBand(price, floor, ceiling));
    }

    /// @param reserved GPUs in use without the job in question
    /// @return the one price of a listing without an open band, before its tiers: the rate, or for Dynamic
    /// floor + (ceiling - floor) * reserved / total, rounded down
    function base(Listing storage listing, uint16 reserved) internal view returns (uint64) {
        if (listing.model == PricingModel.Fixed) return listing.rate;
        (uint64 floor, uint64 ceiling, uint16 total) = (listing.floor, listing.ceiling, listing.total);
        if (total == 0) return floor;
        uint256 rise = uint256(ceiling - floor) * reserved / total;
        // reserved <= total keeps the sum at or under the ceiling.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint64(floor + rise);
    }
}
