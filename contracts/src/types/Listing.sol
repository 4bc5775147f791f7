// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ProviderId} from "./Ids.sol";

/// @notice Who runs the hardware behind a listing.
enum ListingKind {
    /// The provider's own machines.
    Own,
    /// An operator who fulfils on another network (Akash, ...), within a stated price band.
    Network
}

/// @notice How a listing's price in USD per GPU-hour comes about.
enum PricingModel {
    /// `rate`, exactly.
    Fixed,
    /// `floor + (ceiling - floor) * reserved / total`, rounded down, with what is reserved before the job.
    Dynamic,
    /// `tokenAmount` of `token` per GPU-hour, converted when routed, inside `floor`..`ceiling`.
    Token
}

/// @notice How the GPU is built in. Bit `1 << uint8(formFactor)` stands for it in a job's limits.
enum FormFactor {
    Unknown,
    Pcie,
    Sxm,
    Nvl,
    Oam,
    Superchip
}

/// @notice Bit `1 << uint8(continent)` stands for it in a job's limits.
enum Continent {
    Unknown,
    Africa,
    Antarctica,
    Asia,
    Europe,
    NorthAmerica,
    Oceania,
    SouthAmerica
}

/// @notice Price terms of a listing. Every amount of money is micro-USD (USDC's unit) per GPU-hour.
struct Pricing {
    PricingModel model;
    /// Fixed: the price, before tiers; of a network listing only its usual price, inside the band, or 0. Otherwise 0.
    uint64 rate;
    /// Dynamic, before tiers, and Token, and every network listing: the lowest price that may be routed. Otherwise 0.
    uint64 floor;
    /// Dynamic, before tiers, and Token, and every network listing: the highest price that may be routed. Otherwise 0.
    uint64 ceiling;
    /// Token: millionths of a token per GPU-hour. Otherwise 0.
    uint64 tokenAmount;
    /// Token: its symbol in ASCII, zero padded ("AKT"). Otherwise 0.
    bytes8 token;
}

/// @notice What a provider states about the hardware and the contract checks when it routes.
struct Hardware {
    /// Catalogue key in ASCII, zero padded: "h100", "a100", "rtx4090".
    bytes16 gpuModel;
    /// Memory of one GPU.
    uint16 memoryGiB;
    FormFactor formFactor;
    /// GPUs on offer in all.
    uint16 total;
    /// Most GPUs in one machine. A job's GPUs are always in one machine.
    uint16 widest;
    Continent continent;
    /// ISO 3166-1 alpha-2 in ASCII ("DE"); 0 is unknown.
    bytes2 country;
    /// Unix seconds from which jobs may run; 0 is open.
    uint32 availableFrom;
    /// Unix seconds by which a job has to be over; 0 is open.
    uint32 availableUntil;
}

/// @notice What people read and the contract does not check: only in events.
struct Description {
    string name;
    /// The place in the provider's words: "Frankfurt, eu-central".
    string region;
    /// Network listings: the network ("akash"). Own hardware: empty.
    string network;
    /// Per GPU.
    uint16 vcpus;
    /// Per GPU.
    uint32 ramGiB;
    /// Per GPU.
    uint32 diskGiB;
}

/// @notice From an hour of the week on, a listing's rate is multiplied. The last tier of a week lasts into the next one.
struct Tier {
    /// Hours since Monday 00:00 UTC, 0 to 167.
    uint8 hour;
    /// Basis points of the rate: 8,000 is a fifth off.
    uint16 multiplier;
}

/// @notice Whom a listing serves. Both rules count.
struct AccessRules {
    /// Bits `1 << AttestationKind` that the buyer has to have, all of them.
    uint16 attestations;
    /// Only buyers that the provider put on its list.
    bool allowListOnly;
}

/// @notice What was attested. Bit `1 << uint8(kind)` stands for it in a job's limits and in a listing's rules.
enum AttestationKind {
    /// Know your customer: a natural person or a company is who it says.
    Kyc,
    Iso27001,
    Soc2,
    Gdpr,
    Hipaa,
    PciDss
}

/// @notice A statement about a person or company, known by its address.
struct Attestation {
    // slot 0 (30 bytes)
    address issuer;
    /// Unix seconds. Since when it stands, and the last second in which it does.
    uint40 issuedAt;
    uint40 expiresAt;
    // slot 1
    /// keccak256 of what the verifier saw.
    bytes32 evidenceHash;
}

/// @notice How a job left a listing, for its provider's record.
enum Outcome {
    /// The buyer changed its mind, the decision was overturned, or it ended before anything was due: nothing to be said of the provider.
    None,
    Completed,
    /// Declined, not started in time, given up, or ruled against.
    Failed
}

/// @notice A listing as stored.
struct Listing {
    // slot 0: all that changes (31 bytes)
    ProviderId provider;
    /// Grows by one with each change its provider makes and each owner that its provider gets; reservations do not count. Stored without
    /// the provider's generation, which is added wherever it is told or compared.
    uint32 version;
    /// Unix seconds of the last change of anything here, reservations included.
    uint40 touchedAt;
    uint64 rate;
    uint16 total;
    uint16 reserved;
    ListingKind kind;
    PricingModel model;
    Continent continent;
    bool offline;
    /// Whether its rate has tiers.
    bool tiered;
    /// Whether it has access rules.
    bool restricted;
    // slot 1: what it is (31 bytes)
    bytes16 gpuModel;
    uint16 memoryGiB;
    uint16 widest;
    FormFactor formFactor;
    bytes2 country;
    uint32 availableFrom;
    uint32 availableUntil;
    // slot 2: read for band prices only (32 bytes)
    uint64 floor;
    uint64 ceiling;
    uint64 tokenAmount;
    bytes8 token;
}
