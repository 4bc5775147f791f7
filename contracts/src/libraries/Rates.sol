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

    /// @return the price of the next job, or the lowest that may be routed where a band leaves it open
    function current(Listing memory listing) internal pure returns (uint64) {
        if (hasOpenBand(listing)) return listing.floor;
        if (listing.model == PricingModel.Fixed) return listing.rate;
        return dynamicRate(listing);
    }

    /// @dev Reverts unless the listing's terms allow `price`.
    function check(Listing memory listing, uint64 price) internal pure {
        if (hasOpenBand(listing)) {
            require(
                listing.floor <= price && price <= listing.ceiling,
                IProviderRegistry.PriceOutsideBand(price, listing.floor, listing.ceiling)
            );
            return;
        }
        uint64 expected = listing.model == PricingModel.Fixed ? listing.rate : dynamicRate(listing);
        require(price == expected, IProviderRegistry.PriceMismatch(price, expected));
    }

    /// @return whether the exact price is left to the decision: networks and tokens move between listing and routing
    function hasOpenBand(Listing memory listing) private pure returns (bool) {
        return listing.kind == ListingKind.Network || listing.model == PricingModel.Token;
    }

    /// @return floor + (ceiling - floor) * reserved / total, rounded down, with what is reserved before the next job
    function dynamicRate(Listing memory listing) private pure returns (uint64) {
        if (listing.total == 0) return listing.floor;
        uint256 rise = uint256(listing.ceiling - listing.floor) * listing.reserved / listing.total;
        // reserved <= total keeps the sum at or under the ceiling.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint64(listing.floor + rise);
    }
}
