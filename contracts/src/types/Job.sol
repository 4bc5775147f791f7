// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ListingId, TeamId} from "./Ids.sol";

/// @notice The life of a job. Settled, Cancelled, Expired, Failed and Split are final.
enum JobStatus {
    None,
    Requested,
    Routed,
    Running,
    Settled,
    Cancelled,
    Expired,
    Failed,
    /// Stopped by the buyer, who says that what was paid for did not come. The arbiter rules, or a fixed rule does.
    Disputed,
    /// Its parts are jobs of their own.
    Split
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
    /// GPUs, all in one machine unless `maxParts` allows more.
    uint16 gpuCount;
    /// Most jobs that this one may be split into, each in one machine; 0 and 1 forbid it.
    uint8 maxParts;
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
    /// Bits `1 << AttestationKind` that the provider has to have, all of them, until the job's end as it was asked for.
    uint16 attestations;
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

/// @notice What was agreed so far. The chain keeps it by its hash; every call that acts on a job brings it along.
/// @dev JobRequested, JobRouted, JobReopened and JobExtended carry all of it, but for an untracked job's requester: that is the payer in
/// the Escrow's `Locked`.
struct Terms {
    address requester;
    /// The paying team, or 0 for the requester's own money.
    TeamId team;
    /// Unix seconds.
    uint40 requestedAt;
    uint40 routeDeadline;
    uint16 gpuCount;
    /// Seconds the job may run at most.
    uint32 duration;
    /// Micro-USDC locked in the Escrow.
    uint64 locked;
    bytes32 requestHash;
    // From here on zero until the job is routed.
    /// Who runs the job and is paid: the provider's owner when it was routed.
    address provider;
    ListingId listing;
    /// Micro-USD per GPU-hour.
    uint64 pricePerGpuHour;
    /// Basis points of what is paid that go to the treasury: the fee in force when the job was routed.
    uint16 fee;
    /// Who routed, and answers for the decision with a bond.
    address router;
    uint40 routedAt;
    bytes32 commitment;
}

/// @notice A job as stored, in one slot (`PackedJob`).
struct Job {
    /// The first 26 bytes of `keccak256(abi.encode(terms))`.
    bytes26 termsHash;
    JobStatus status;
    /// Requested: routeDeadline. Routed: start deadline. Running: when it started. Disputed: when that was. Final: when it ended.
    uint40 time;
}

/// @notice A job's slot: termsHash in the highest 26 bytes, then one of status, then five of time.
/// @dev Written as a whole: Solidity writes a struct in storage member by member.
type PackedJob is uint256;

/// @notice A disputed job's meter, as it stood when the buyer stopped it.
struct Meter {
    // slot 0 (12 bytes)
    /// Seconds.
    uint32 elapsed;
    /// Micro-USDC that the provider would have been paid.
    uint64 due;
}
