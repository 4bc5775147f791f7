// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Catalogue keys: up to 16 ASCII characters in one value, zero padded
library ShortString {
    /// @return text the characters before the first zero
    function toText(bytes16 key) internal pure returns (string memory text) {
        uint256 length = 0;
        // The next character stands at the left; shifting is cheaper than an index with its bounds.
        // forge-lint: disable-next-line(unsafe-typecast)
        for (bytes16 rest = key; bytes1(rest) != 0; rest <<= 8) {
            ++length;
        }
        bytes memory characters = abi.encodePacked(key);
        // Only shortens the fresh array; what follows the new length stays unused.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(characters, length)
        }
        return string(characters);
    }

    /// @return whether the key is non-empty and only small letters, digits and hyphens, with zeros at its end only
    function isCatalogueKey(bytes16 key) internal pure returns (bool) {
        uint256 length = 0;
        for (; length < 16; ++length) {
            bytes1 character = key[length];
            if (character == 0) break;
            bool allowed = (character >= "a" && character <= "z") || (character >= "0" && character <= "9") || character == "-";
            if (!allowed) return false;
        }
        // All that follows the first zero has to be zero too.
        return length > 0 && (length == 16 || key << (8 * length) == 0);
    }
}
