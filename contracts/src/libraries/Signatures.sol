// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "../interfaces/IAccessControl.sol";
import {JobId} from "../types/Ids.sol";
import {JobRequest} from "../types/Job.sol";

/// @title What people sign (EIP-712)
library Signatures {
    string internal constant NAME = "Necto";
    string internal constant VERSION = "1";

    bytes32 private constant JOB_REQUEST_TYPEHASH = keccak256(
        "JobRequest(bytes16 gpuModel,uint16 minMemoryGiB,uint8 formFactors,uint16 gpuCount,uint8 maxParts,uint32 duration,uint64 maxPricePerGpuHour,uint8 continents,bytes16 countries,uint8 excludedPricing,uint16 attestations,uint16 uptimeWeight,uint16 latencyWeight,uint16 ratingWeight,uint16 riskWeight,uint40 routeDeadline,uint32 startWindow,bytes32 specHash,bytes32 policyHash,uint32 team,bool tracked)"
    );
    bytes32 private constant REQUEST_TYPEHASH = keccak256(
        "Request(address requester,JobRequest request,uint256 nonce,uint256 deadline)JobRequest(bytes16 gpuModel,uint16 minMemoryGiB,uint8 formFactors,uint16 gpuCount,uint8 maxParts,uint32 duration,uint64 maxPricePerGpuHour,uint8 continents,bytes16 countries,uint8 excludedPricing,uint16 attestations,uint16 uptimeWeight,uint16 latencyWeight,uint16 ratingWeight,uint16 riskWeight,uint40 routeDeadline,uint32 startWindow,bytes32 specHash,bytes32 policyHash,uint32 team,bool tracked)"
    );
    bytes32 private constant CANCEL_TYPEHASH = keccak256("Cancel(uint64 job,uint256 nonce,uint256 deadline)");
    bytes32 private constant SESSION_LIMITS_TYPEHASH =
        keccak256("SessionLimits(uint64 total,uint64 perPeriod,uint32 period,uint40 expiresAt,uint32 team)");
    bytes32 private constant GRANT_SESSION_TYPEHASH = keccak256(
        "GrantSession(address owner,address key,SessionLimits limits,uint256 nonce,uint256 deadline)SessionLimits(uint64 total,uint64 perPeriod,uint32 period,uint40 expiresAt,uint32 team)"
    );

    function ofRequest(address requester, JobRequest calldata request, uint256 nonce, uint256 deadline) internal pure returns (bytes32) {
        bytes32 requestHash = keccak256(abi.encode(JOB_REQUEST_TYPEHASH, request));
        return keccak256(abi.encode(REQUEST_TYPEHASH, requester, requestHash, nonce, deadline));
    }

    function ofCancel(JobId job, uint256 nonce, uint256 deadline) internal pure returns (bytes32) {
        return keccak256(abi.encode(CANCEL_TYPEHASH, job, nonce, deadline));
    }

    function ofGrant(address owner, address key, IAccessControl.SessionLimits calldata limits, uint256 nonce, uint256 deadline)
        internal
        pure
        returns (bytes32)
    {
        bytes32 limitsHash = keccak256(abi.encode(SESSION_LIMITS_TYPEHASH, limits));
        return keccak256(abi.encode(GRANT_SESSION_TYPEHASH, owner, key, limitsHash, nonce, deadline));
    }
}
