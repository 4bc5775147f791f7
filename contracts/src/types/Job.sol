// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ListingId, TeamId} from "./Ids.sol";

/// @notice The life of a job. Settled, Cancelled, Expired and Failed are final.
enum JobStatus {
    None,
    Requested,
    Routed,
    Running,
    Settled,
    Cancelled,
    Expired,
    Failed
}

/// @notice A buyer's hard limits, weights and deadlines.
/// @dev The chain keeps only `keccak256(abi.encode(request))`: the words are in the event, and whoever routes brings them along.
struct JobRequest {
    /// Catalogue key in ASCII, zero padded: "h100".
    bytes16 gpuModel;
    /// Least memory of one GPU; 0 is any.
    uint16 minMemoryGiB;
    /// Bits `1 << FormFactor`; 0 is any.
    uint8 formFactors;
    /// GPUs, all in one machine.
    uint16 gpuCount;
    /// Seconds the job may run at most, and what the lock is computed for.
    uint32 duration;
    /// Micro-USD per GPU-hour.
    uint64 maxPricePerGpuHour;
    /// Bits `1 << Continent`; 0 together with no `countries` is anywhere.
    uint8 continents;
    /// Up to eight ISO 3166-1 alpha-2 codes in ASCII, back to back, zero padded. A place matches by continent or by country.
    bytes16 countries;
    /// Bits `1 << PricingModel` that are not wanted.
    uint8 excludedPricing;
    /// Weights in basis points of how much a quality counts against the price: all 0 is strictly cheapest.
    uint16 uptimeWeight;
    uint16 latencyWeight;
    uint16 ratingWeight;
    uint16 riskWeight;
    /// Unix seconds until which the job may be routed. Afterwards anyone may expire it.
    uint40 routeDeadline;
    /// Seconds the provider has to start once routed.
    uint32 startWindow;
    /// keccak256 of what is to run; 0 if it is arranged elsewhere.
    bytes32 specHash;
    /// keccak256 of the canonical routing policy; 0 is the default policy.
    bytes32 policyHash;
    /// The paying team, or 0 for the sender's own money.
    TeamId team;
    /// Whether the events name who asked. An untracked job has no team.
    bool tracked;
}

/// @notice The agent's choice for a job.
struct Routing {
    ListingId listing;
    /// The version the agent decided on; any other reverts.
    uint32 listingVersion;
    /// Micro-USD per GPU-hour.
    uint64 pricePerGpuHour;
    /// Merkle root over the decision's candidates.
    bytes32 candidatesRoot;
    /// 0G Storage root of the decision record.
    bytes32 recordRoot;
    /// keccak256 of the record's bytes: the root alone does not bind the length.
    bytes32 recordHash;
}

/// @notice A job as stored.
struct Job {
    // slot 0 (32 bytes)
    address requester;
    JobStatus status;
    /// Requested: routeDeadline. Routed: start deadline. Running: when it started. Final: when it ended.
    uint40 time;
    uint16 gpuCount;
    ListingId listing;
    // slot 1, written when routed (32 bytes)
    address provider;
    uint64 pricePerGpuHour;
    uint32 duration;
    // slot 2: the hash of the request; once routed, the commitment
    bytes32 commitment;
}
