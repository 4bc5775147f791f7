// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "../../src/interfaces/IAccessControl.sol";
import {JobId} from "../../src/types/Ids.sol";
import {JobRequest} from "../../src/types/Job.sol";
import {Base} from "./Base.sol";

/// @title What people sign, built from EIP-712's words and shared with no contract
/// @dev The types are written as lists of their fields, so that a slip in one of the contracts' long strings is not repeated here.
abstract contract Signing is Base {
    bytes32 private constant DOMAIN_TYPE = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    struct Domain {
        string name;
        string version;
        uint256 chainId;
        address verifyingContract;
    }

    function domainOf(address verifyingContract) internal view returns (Domain memory) {
        return Domain({name: "Necto", version: "1", chainId: block.chainid, verifyingContract: verifyingContract});
    }

    function digestOf(Domain memory domain, bytes32 structHash) internal pure returns (bytes32) {
        bytes32 separator = keccak256(
            abi.encode(
                DOMAIN_TYPE, keccak256(bytes(domain.name)), keccak256(bytes(domain.version)), domain.chainId, domain.verifyingContract
            )
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    /* TYPES */

    function jobRequestType() internal pure returns (string memory) {
        string[21] memory fields = [
            "bytes16 gpuModel",
            "uint16 minMemoryGiB",
            "uint8 formFactors",
            "uint16 gpuCount",
            "uint8 maxParts",
            "uint32 duration",
            "uint64 maxPricePerGpuHour",
            "uint8 continents",
            "bytes16 countries",
            "uint8 excludedPricing",
            "uint16 attestations",
            "uint16 uptimeWeight",
            "uint16 latencyWeight",
            "uint16 ratingWeight",
            "uint16 riskWeight",
            "uint40 routeDeadline",
            "uint32 startWindow",
            "bytes32 specHash",
            "bytes32 policyHash",
            "uint32 team",
            "bool tracked"
        ];
        string memory joined = fields[0];
        for (uint256 i = 1; i < fields.length; ++i) {
            joined = string.concat(joined, ",", fields[i]);
        }
        return string.concat("JobRequest(", joined, ")");
    }

    function requestType() internal pure returns (string memory) {
        string[4] memory fields = ["address requester", "JobRequest request", "uint256 nonce", "uint256 deadline"];
        return string.concat("Request(", fields[0], ",", fields[1], ",", fields[2], ",", fields[3], ")", jobRequestType());
    }

    function cancelType() internal pure returns (string memory) {
        string[3] memory fields = ["uint64 job", "uint256 nonce", "uint256 deadline"];
        return string.concat("Cancel(", fields[0], ",", fields[1], ",", fields[2], ")");
    }

    function limitsType() internal pure returns (string memory) {
        string[5] memory fields = ["uint64 total", "uint64 perPeriod", "uint32 period", "uint40 expiresAt", "uint32 team"];
        return string.concat("SessionLimits(", fields[0], ",", fields[1], ",", fields[2], ",", fields[3], ",", fields[4], ")");
    }

    function grantType() internal pure returns (string memory) {
        string[5] memory fields = ["address owner", "address key", "SessionLimits limits", "uint256 nonce", "uint256 deadline"];
        return string.concat("GrantSession(", fields[0], ",", fields[1], ",", fields[2], ",", fields[3], ",", fields[4], ")", limitsType());
    }

    /* STRUCTS */

    function requestHash(address requester, JobRequest memory asked, uint256 nonce, uint256 deadline) internal pure returns (bytes32) {
        // In two halves for the sake of the stack.
        bytes memory first = abi.encode(
            keccak256(bytes(jobRequestType())),
            asked.gpuModel,
            asked.minMemoryGiB,
            asked.formFactors,
            asked.gpuCount,
            asked.maxParts,
            asked.duration,
            asked.maxPricePerGpuHour,
            asked.continents,
            asked.countries,
            asked.excludedPricing
        );
        bytes memory second = abi.encode(
            asked.attestations,
            asked.uptimeWeight,
            asked.latencyWeight,
            asked.ratingWeight,
            asked.riskWeight,
            asked.routeDeadline,
            asked.startWindow,
            asked.specHash,
            asked.policyHash,
            asked.team,
            asked.tracked
        );
        bytes32 inner = keccak256(bytes.concat(first, second));
        return keccak256(abi.encode(keccak256(bytes(requestType())), requester, inner, nonce, deadline));
    }

    function cancelHash(JobId job, uint256 nonce, uint256 deadline) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(cancelType())), job, nonce, deadline));
    }

    function grantHash(address owner, address key, IAccessControl.SessionLimits memory limits, uint256 nonce, uint256 deadline)
        internal
        pure
        returns (bytes32)
    {
        bytes32 inner = keccak256(
            abi.encode(keccak256(bytes(limitsType())), limits.total, limits.perPeriod, limits.period, limits.expiresAt, limits.team)
        );
        return keccak256(abi.encode(keccak256(bytes(grantType())), owner, key, inner, nonce, deadline));
    }

    /* SIGNATURES */

    /// @param name what the person was made with in `makeAddr`
    function signedBy(string memory name, bytes32 digest) internal returns (bytes memory) {
        (, uint256 key) = makeAddrAndKey(name);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// The other signature over the same digest that the curve knows: every contract has to refuse it.
    function malleated(bytes memory signature) internal pure returns (bytes memory) {
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes32 r;
        uint256 s;
        uint8 v = uint8(signature[64]);
        assembly ("memory-safe") {
            r := mload(add(signature, 32))
            s := mload(add(signature, 64))
        }
        return abi.encodePacked(r, order - s, v == 27 ? uint8(28) : uint8(27));
    }
}
