// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {Tier} from "../types/Listing.sol";

/// @title A week's price tiers in one slot: up to ten of 24 bits, the first in the lowest bits, ended by zero
library Tiers {
    uint256 private constant MOST = 10;
    uint256 private constant WIDTH = 24;
    uint256 private constant HOURS_OF_WEEK = 168;
    uint256 private constant BASIS = 10_000;
    /// The first of January 1970 was a Thursday, three days after Monday.
    uint256 private constant HOURS_OF_EPOCH = 72;

    /// @dev Reverts unless there are at most ten, hours rise and stay in the week, and no multiplier is zero.
    function pack(Tier[] calldata tiers) internal pure returns (uint256 packed) {
        require(tiers.length <= MOST, IProviderRegistry.InvalidTiers());
        for (uint256 index = 0; index < tiers.length; ++index) {
            Tier calldata tier = tiers[index];
            bool rises = index == 0 || tier.hour > tiers[index - 1].hour;
            require(rises && tier.hour < HOURS_OF_WEEK && tier.multiplier > 0, IProviderRegistry.InvalidTiers());
            packed |= (uint256(tier.hour) << 16 | tier.multiplier) << (index * WIDTH);
        }
    }

    function unpack(uint256 packed) internal pure returns (Tier[] memory tiers) {
        uint256 count = 0;
        while (packed >> (count * WIDTH) != 0) ++count;
        tiers = new Tier[](count);
        for (uint256 index = 0; index < count; ++index) {
            uint256 tier = packed >> (index * WIDTH);
            // The bits that the tier was packed into.
            // forge-lint: disable-next-line(unsafe-typecast)
            tiers[index] = Tier({hour: uint8(tier >> 16), multiplier: uint16(tier)});
        }
    }

    /// @param at unix seconds
    /// @return `rate × multiplier ÷ 10,000`, rounded down, at least 1: no tier makes a rate free
    function apply_(uint256 packed, uint64 rate, uint256 at) internal pure returns (uint64) {
        uint256 scaled = uint256(rate) * _multiplier(packed, (at / 1 hours + HOURS_OF_EPOCH) % HOURS_OF_WEEK) / BASIS;
        if (scaled == 0) return 1;
        // A rate that no job could pay anyway.
        // forge-lint: disable-next-line(unsafe-typecast)
        return scaled > type(uint64).max ? type(uint64).max : uint64(scaled);
    }

    /// @return multiplier of the last tier that began by `hour`, or else of the week's last one
    function _multiplier(uint256 packed, uint256 hour) private pure returns (uint256 multiplier) {
        bool begun = false;
        for (; packed != 0; packed >>= WIDTH) {
            bool begins = (packed >> 16) & 0xff <= hour;
            // Before the first tier of the week, the last one still lasts.
            if (begins || !begun) multiplier = packed & 0xffff;
            begun = begun || begins;
        }
    }
}
