// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JobId} from "../types/Ids.sol";
import {JobRequest, Routing} from "../types/Job.sol";

/// @title What the chain keeps of a request and of a decision
library Commitment {
    /// @return the hash that stands in for a request until it is routed
    function ofRequest(JobRequest calldata request) internal pure returns (bytes32) {
        return keccak256(abi.encode(request));
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
