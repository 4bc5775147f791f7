// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IJobRegistry} from "../interfaces/IJobRegistry.sol";

/// @title What GPU time costs, in micro-USDC; every rounding is in the payer's favour
/// @dev Prices are micro-USD per GPU-hour and times are seconds. 64 + 16 + 32 bits never overflow the product.
library Metering {
    uint256 private constant HOUR = 3600;

    /// @return the most that a job can cost, rounded up so that the lock always covers what is due
    function ceiling(uint64 pricePerGpuHour, uint16 gpuCount, uint32 duration) internal pure returns (uint64) {
        return _narrow((uint256(pricePerGpuHour) * gpuCount * duration + HOUR - 1) / HOUR);
    }

    /// @return the most that a job and the parts it may be split into can cost, each part rounded up by itself
    function ceilingOfParts(uint64 pricePerGpuHour, uint16 gpuCount, uint32 duration, uint8 parts) internal pure returns (uint64) {
        return _narrow((uint256(pricePerGpuHour) * gpuCount * duration + HOUR - 1) / HOUR + (parts > 1 ? parts - 1 : 0));
    }

    /// @return what is due after `elapsed` seconds, rounded down
    function due(uint64 pricePerGpuHour, uint16 gpuCount, uint32 elapsed) internal pure returns (uint64) {
        return _narrow(uint256(pricePerGpuHour) * gpuCount * elapsed / HOUR);
    }

    function _narrow(uint256 amount) private pure returns (uint64) {
        require(amount <= type(uint64).max, IJobRegistry.AmountTooLarge(amount));
        // Checked in the line above.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint64(amount);
    }
}
