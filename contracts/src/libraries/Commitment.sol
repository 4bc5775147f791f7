// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JobId} from "../types/Ids.sol";
import {JobRequest, Routing, Terms} from "../types/Job.sol";

/// @title What the chain keeps of a request, of what was agreed and of a decision
/// @dev All three structs are made of values of one word each, so their memory and their calldata are their ABI encoding.
library Commitment {
    uint256 private constant REQUEST_SIZE = 21 * 32;
    uint256 private constant TERMS_SIZE = 15 * 32;

    /// @return hash `keccak256(abi.encode(request))`; of a request with dirty bits another hash, which nothing was stored under
    function ofRequest(JobRequest calldata request) internal pure returns (bytes32 hash) {
        uint256 size = REQUEST_SIZE;
        // Copies behind the end of memory in use, and gives it back at once.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let at := mload(0x40)
            calldatacopy(at, request, size)
            hash := keccak256(at, size)
        }
    }

    /// @return encoding `abi.encode(request)`, where it stands; what reads it has to check it for dirty bits
    function encodingOf(JobRequest calldata request) internal pure returns (bytes calldata encoding) {
        uint256 size = REQUEST_SIZE;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            encoding.offset := request
            encoding.length := size
        }
    }

    /// @return hash `keccak256(abi.encode(request))`
    function ofRequestInMemory(JobRequest memory request) internal pure returns (bytes32 hash) {
        uint256 size = REQUEST_SIZE;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            hash := keccak256(request, size)
        }
    }

    /// @return hash the first 26 bytes of `keccak256(abi.encode(terms))`; as with a request, dirty bits make another hash
    function ofTerms(Terms calldata terms) internal pure returns (bytes26) {
        uint256 size = TERMS_SIZE;
        bytes32 hash;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let at := mload(0x40)
            calldatacopy(at, terms, size)
            hash := keccak256(at, size)
        }
        // 208 bits: a collision takes 2^104 hashes, where an address's takes 2^80.
        // forge-lint: disable-next-line(unsafe-typecast)
        return bytes26(hash);
    }

    /// @return the first 26 bytes of `keccak256(abi.encode(terms))`
    function ofTermsInMemory(Terms memory terms) internal pure returns (bytes26) {
        uint256 size = TERMS_SIZE;
        bytes32 hash;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            hash := keccak256(terms, size)
        }
        // forge-lint: disable-next-line(unsafe-typecast)
        return bytes26(hash);
    }

    /// @return the hash that binds a job to its request, its listing and its provider, its price and the decision's record
    function ofRouting(JobId job, bytes32 requestHash, address provider, Routing calldata routing) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                job,
                requestHash,
                routing.listing,
                routing.listingVersion,
                provider,
                routing.pricePerGpuHour,
                routing.candidatesRoot,
                routing.recordRoot,
                routing.recordHash
            )
        );
    }
}
