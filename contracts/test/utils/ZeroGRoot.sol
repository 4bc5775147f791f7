// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title The 0G Storage root of a file, a second time and in another language than core's
/// @dev Chunks of 256 bytes, the last one and as many more as 0G pads with filled with zeros; a tree over each 1024 of them, and one over
/// those. An odd last node goes up unhashed.
library ZeroGRoot {
    uint256 private constant CHUNK = 256;
    uint256 private constant SEGMENT = 1024;

    function rootOf(bytes memory content) internal pure returns (bytes32) {
        uint256 count = padded((content.length + CHUNK - 1) / CHUNK);
        bytes32[] memory segments = new bytes32[]((count + SEGMENT - 1) / SEGMENT);
        for (uint256 i = 0; i < segments.length; ++i) {
            uint256 first = i * SEGMENT;
            bytes32[] memory chunks = new bytes32[](count - first < SEGMENT ? count - first : SEGMENT);
            for (uint256 k = 0; k < chunks.length; ++k) {
                chunks[k] = chunkHash(content, (first + k) * CHUNK);
            }
            segments[i] = treeRoot(chunks);
        }
        return treeRoot(segments);
    }

    /// To the next power of two, or for larger files to the next sixteenth of it.
    function padded(uint256 count) private pure returns (uint256) {
        uint256 power = 1;
        while (power < count) {
            power *= 2;
        }
        uint256 unit = power < 16 ? 1 : power / 16;
        return (count + unit - 1) / unit * unit;
    }

    function chunkHash(bytes memory content, uint256 start) private pure returns (bytes32) {
        bytes memory chunk = new bytes(CHUNK);
        for (uint256 i = 0; i < CHUNK && start + i < content.length; ++i) {
            chunk[i] = content[start + i];
        }
        return keccak256(chunk);
    }

    /// Overwrites `level`, from the leaves up.
    function treeRoot(bytes32[] memory level) private pure returns (bytes32) {
        uint256 length = level.length;
        while (length > 1) {
            for (uint256 i = 0; i < length; i += 2) {
                level[i / 2] = i + 1 < length ? keccak256(abi.encodePacked(level[i], level[i + 1])) : level[i];
            }
            length = (length + 1) / 2;
        }
        return level[0];
    }
}
