// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A perfect sub-tree of a submitted file: its root, and the logarithm of its number of sectors.
struct SubmissionNode {
    bytes32 root;
    uint256 height;
}

/// @notice A file as it is announced: its length in bytes and the sub-trees that it is made of, largest first.
struct SubmissionData {
    uint256 length;
    bytes tags;
    SubmissionNode[] nodes;
}

struct Submission {
    SubmissionData data;
    address submitter;
}

/// @title Stand-in for 0G Storage's Flow contract on the local 0G chain
/// @notice Takes submissions exactly as the Flow of 0G's networks does (same function, event, fee rule and positions), as far as the 0G SDK and
/// a storage node look. It is its own market. Nobody needs it on a real network.
contract LocalFlow {
    /// @notice The price of storing 256 bytes, in wei: what 0G's networks ask.
    uint256 public constant pricePerSector = 30_733_644_962;

    uint256 private constant SECTOR_BYTES = 256;
    uint256 private constant SECTORS_PER_SEGMENT = 1024;
    /// Sub-trees of a file differ by less than this in height, as its padding makes them.
    uint256 private constant MAX_HEIGHT_SPREAD = 4;

    /// @notice How many files have been submitted: the number of the next one.
    uint256 public numSubmissions;
    /// @notice Sectors in use. The first one is never given to a file.
    uint256 public currentLength = 1;

    event Submit(
        address indexed sender,
        bytes32 indexed identity,
        uint256 submissionIndex,
        uint256 startPos,
        uint256 length,
        SubmissionData submission
    );

    error InvalidSubmission();
    error NotEnoughFee(uint256 price, uint256 amount, uint256 paid);

    /// @notice Where the price stands.
    function market() external view returns (address) {
        return address(this);
    }

    /// @notice Announces a file, for the fee of its sectors.
    /// @return index the file's number
    /// @return digest what the event calls `identity`: the hash of the sub-trees' roots, not the file's root
    /// @return startIndex its first sector
    /// @return length its sectors, padding included
    function submit(Submission calldata submission)
        external
        payable
        returns (uint256 index, bytes32 digest, uint256 startIndex, uint256 length)
    {
        if (submission.submitter == address(0)) revert InvalidSubmission();
        (length, digest) = _measure(submission.data);
        if (msg.value < length * pricePerSector) revert NotEnoughFee(pricePerSector, length, msg.value);

        startIndex = _place(length, submission.data.nodes[0].height);
        currentLength = startIndex + length;
        index = numSubmissions++;
        emit Submit(submission.submitter, digest, index, startIndex, length, submission.data);
    }

    /// @dev The sectors of a file and its identity; reverts for a file that no storage node could take.
    function _measure(SubmissionData calldata data) private pure returns (uint256 sectors, bytes32 identity) {
        uint256 count = data.nodes.length;
        if (count == 0) revert InvalidSubmission();
        bytes32[] memory roots = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            SubmissionNode calldata node = data.nodes[i];
            if (i > 0 && node.height >= data.nodes[i - 1].height) revert InvalidSubmission();
            sectors += 2 ** node.height;
            roots[i] = node.root;
        }
        if (data.nodes[0].height - data.nodes[count - 1].height >= MAX_HEIGHT_SPREAD) revert InvalidSubmission();
        if (data.length == 0 || data.length > sectors * SECTOR_BYTES) revert InvalidSubmission();
        identity = keccak256(abi.encodePacked(roots));
    }

    /// @dev The first sector of a file: aligned to its largest sub-tree, and where it would straddle two segments, at the next segment.
    function _place(uint256 sectors, uint256 height) private view returns (uint256 start) {
        start = _alignUp(currentLength, 2 ** height);
        bool straddles = start / SECTORS_PER_SEGMENT != (start + sectors - 1) / SECTORS_PER_SEGMENT;
        if (start % SECTORS_PER_SEGMENT != 0 && straddles) {
            start = _alignUp(_alignUp(start, SECTORS_PER_SEGMENT), 2 ** height);
        }
    }

    function _alignUp(uint256 position, uint256 alignment) private pure returns (uint256) {
        return (position + alignment - 1) / alignment * alignment;
    }
}
