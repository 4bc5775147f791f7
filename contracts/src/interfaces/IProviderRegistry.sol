// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ListingId, ProviderId} from "../types/Ids.sol";
import {JobRequest} from "../types/Job.sol";
import {
    AccessRules,
    Attestation,
    AttestationKind,
    Description,
    Hardware,
    Listing,
    ListingKind,
    Outcome,
    Pricing,
    Tier
} from "../types/Listing.sol";

/// @title Providers, what they offer and what is attested of them
/// @notice Listings live on chain with their rates and capacity; every change that a provider makes is an event and moves the listing's
/// version, another owner too, so that the set of offers at any block can be rebuilt and a routing decision replayed.
interface IProviderRegistry {
    /// @notice A provider as stored.
    struct Provider {
        // slot 0 (32 bytes)
        address owner;
        /// Grows with each owner, and with it the version of every listing. What delegates may do ends with the owner who let them.
        uint16 generation;
        /// Jobs that were paid for.
        uint32 completed;
        /// Jobs declined, not started in time, given up, or ruled against. Stays at the most that it can hold, as does the next.
        uint24 failed;
        /// Jobs that a buyer disputed, whatever came of it.
        uint24 disputed;
    }

    event ProviderRegistered(ProviderId indexed provider, address indexed owner, string name, string uri);
    event ProviderUpdated(ProviderId indexed provider, string name, string uri);
    /// `to` has to accept; zero takes an offer back.
    event ProviderOffered(ProviderId indexed provider, address indexed from, address indexed to);
    /// Its delegates are none any more, and the versions of all its listings are one higher.
    event ProviderTransferred(ProviderId indexed provider, address indexed from, address indexed to);
    event ListingAdded(
        ListingId indexed listing,
        ProviderId indexed provider,
        ListingKind kind,
        string gpuModel,
        Hardware hardware,
        Pricing pricing,
        Description description
    );
    event PricingChanged(ListingId indexed listing, uint32 version, Pricing pricing);
    event CapacityChanged(ListingId indexed listing, uint32 version, uint16 total, bool offline);
    event AvailabilityChanged(ListingId indexed listing, uint32 version, uint32 availableFrom, uint32 availableUntil);
    event TiersChanged(ListingId indexed listing, uint32 version, Tier[] tiers);
    event AccessRulesChanged(ListingId indexed listing, uint32 version, AccessRules rules);
    event BuyerAllowed(ProviderId indexed provider, address indexed buyer, bool allowed);
    event DelegateSet(ProviderId indexed provider, address indexed delegate, bool allowed);
    event Attested(address indexed subject, AttestationKind indexed kind, address indexed issuer, bytes32 evidenceHash, uint40 expiresAt);
    event AttestationRevoked(address indexed subject, AttestationKind indexed kind, address by);
    /// `reserved` is what stands after the change.
    event CapacityReserved(ListingId indexed listing, uint16 gpuCount, uint16 reserved);
    event CapacityReleased(ListingId indexed listing, uint16 gpuCount, uint16 reserved);

    error NotJobRegistry(address caller);
    error UnknownProvider(ProviderId provider);
    error UnknownListing(ListingId listing);
    error NotProviderOwner(ProviderId provider, address caller, address owner);
    /// Neither the provider's owner nor one of its delegates.
    error NotProviderDelegate(ProviderId provider, address caller, address owner);
    error ZeroDelegate();
    error ZeroBuyer();
    error ZeroSubject();
    error InvalidExpiry(uint40 expiresAt, uint256 now_);
    error UnknownAttestation(address subject, AttestationKind kind);
    error UnknownAttestations(uint16 attestations);
    /// At most ten, hours rising, multipliers of 1 to 65,535, on a listing with one exact price.
    error InvalidTiers();
    error EmptyName();
    error NotOffered(ProviderId provider, address caller);
    /// Handed over too late to be judged by what its owner is now.
    error OwnerChanged(ProviderId provider, uint40 acceptedAt, uint40 since);
    error InvalidGpuModel(bytes16 gpuModel);
    error InvalidCapacity(uint16 total, uint16 widest);
    error CapacityBelowReserved(uint16 total, uint16 reserved);
    error InvalidPricing(Pricing pricing);
    error InvalidAvailability(uint32 from, uint32 until);
    error MissingNetwork();
    /// Own machines stand on no other network.
    error UnexpectedNetwork();
    /// Two capitals of ISO 3166-1, or zero for unknown.
    error InvalidCountry(bytes2 country);

    error ListingOffline(ListingId listing);
    error ListingVersionChanged(ListingId listing, uint32 decidedOn, uint32 current);
    error GpuModelMismatch(bytes16 wanted, bytes16 listed);
    error MemoryTooSmall(uint16 wanted, uint16 listed);
    error FormFactorMismatch(uint8 wanted, uint8 listed);
    error RegionMismatch(uint8 wantedContinents, bytes16 wantedCountries, uint8 continent, bytes2 country);
    error PricingExcluded(uint8 excluded, uint8 listed);
    error MachineTooSmall(uint16 wanted, uint16 widest);
    error CapacityExhausted(ListingId listing, uint16 wanted, uint16 free);
    error OutsideAvailability(uint32 from, uint32 until, uint256 start, uint256 end);
    error PriceAboveMaximum(uint64 price, uint64 maximum);
    error PriceMismatch(uint64 price, uint64 expected);
    error PriceOutsideBand(uint64 price, uint64 floor, uint64 ceiling);
    /// The price is not one number: a band, or a token's.
    error PriceOpen(ListingId listing);
    error AttestationMissing(address subject, AttestationKind kind, uint256 until);
    error BuyerNotAllowed(ListingId listing, address buyer);
    /// The job would go on at less than what the next one has to pay.
    error PriceRisen(uint64 price, uint64 current);

    /// @notice The only caller of `reserve`, `release`, `releaseDisputed` and `recordOutcome`.
    function JOB_REGISTRY() external view returns (address);

    /// @notice Knows who is a verifier.
    function ACCESS_CONTROL() external view returns (address);

    /* PROVIDERS */

    /// @notice Registers the caller as a provider. One address may own several.
    function registerProvider(string calldata name, string calldata uri) external returns (ProviderId provider);

    function updateProvider(ProviderId provider, string calldata name, string calldata uri) external;

    /// @notice Offers a provider and its listings to `to`, who has to accept; zero takes the offer back. Needs the owner.
    function offerProvider(ProviderId provider, address to) external;

    /// @notice Takes a provider over that was offered to the caller. Its delegates lose their power, and its listings get another version:
    /// whoever decided on them decided on another owner. Jobs already routed still pay the address they were routed to, but the new owner
    /// may fail them.
    function acceptProvider(ProviderId provider) external;

    /// @notice Lets `delegate` change rates, tiers, capacity and availability, and start, decline, fail and complete jobs. It never gets
    /// money: jobs pay the owner. Needs the owner.
    function setDelegate(ProviderId provider, address delegate, bool allowed) external;

    /// @notice Puts a buyer on the list that `AccessRules.allowListOnly` asks for, or takes it off. Needs the owner.
    function setBuyerAllowed(ProviderId provider, address buyer, bool allowed) external;

    /* LISTINGS */

    /// @notice Lists hardware. Capacity starts online and free. A network listing names its network, an own one names none. Needs the owner.
    function addListing(
        ProviderId provider,
        ListingKind kind,
        Hardware calldata hardware,
        Pricing calldata pricing,
        Description calldata description
    ) external returns (ListingId listing);

    /// @notice Changes the price terms for jobs routed from now on. Terms without one exact price take the tiers away.
    function setPricing(ListingId listing, Pricing calldata pricing) external;

    /// @notice Multiplies the rate by the hour of the week in which a job is routed; at most ten tiers, none takes them away.
    function setTiers(ListingId listing, Tier[] calldata tiers) external;

    /// @notice Changes how many GPUs there are and whether new jobs may come. Never below what is reserved.
    function setCapacity(ListingId listing, uint16 total, bool offline) external;

    function setAvailability(ListingId listing, uint32 availableFrom, uint32 availableUntil) external;

    /// @notice Whom the listing serves from now on. Needs the owner.
    function setAccessRules(ListingId listing, AccessRules calldata rules) external;

    /* ATTESTATIONS */

    /// @notice States `kind` of a provider's owner or of a buyer until `expiresAt`. Replaces an older one. Needs VERIFIER_ROLE.
    function attest(address subject, AttestationKind kind, bytes32 evidenceHash, uint40 expiresAt) external;

    /// @notice Takes a statement back. Needs VERIFIER_ROLE: any verifier, so that one who is gone leaves nothing standing.
    function revokeAttestation(address subject, AttestationKind kind) external;

    /* THE JOB REGISTRY */

    /// @notice Checks a routing against the listing, its rules and the job's limits, and reserves its GPUs. Only the JobRegistry.
    /// @param buyer who asked
    /// @return owner the provider's address, to be paid for this job
    function reserve(ListingId listing, uint32 listingVersion, uint64 pricePerGpuHour, address buyer, JobRequest calldata request)
        external
        returns (address owner);

    /// @notice Frees a job's GPUs and counts how it went. Only the JobRegistry.
    function release(ListingId listing, uint16 gpuCount, Outcome outcome) external;

    /// @notice Frees a disputed job's GPUs and counts the dispute. Only the JobRegistry.
    function releaseDisputed(ListingId listing, uint16 gpuCount) external;

    /// @notice Counts how a job without GPUs, a disputed one, went. Only the JobRegistry.
    function recordOutcome(ListingId listing, Outcome outcome) external;

    /// @notice Reverts unless a job that runs on the listing may go on until `end`: online, open by then, and at a price that the next job
    /// would not have to top.
    function checkExtension(ListingId listing, uint16 gpuCount, uint64 pricePerGpuHour, uint256 end) external view;

    /* VIEWS */

    /// @notice Micro-USD per GPU-hour of the next job; for Token and network listings the lowest price that may be routed.
    function currentRate(ListingId listing) external view returns (uint64);

    /// @notice The one price at which the listing would have taken the request at a time, were it then as it is now. Reverts with the rule
    /// that the request breaks, with PriceOpen where the price is not one number, and with BuyerNotAllowed where there are access rules.
    /// @param since unix seconds: attestations have to be older, and where any are asked for the provider's owner too; 0 asks neither
    /// @param at unix seconds: when the job was routed
    function quote(ListingId listing, JobRequest calldata request, uint40 since, uint40 at) external view returns (uint64);

    /// @notice Whether `caller` is the owner of the listing's provider or one of its delegates.
    function mayOperate(ListingId listing, address caller) external view returns (bool);

    function getListing(ListingId listing) external view returns (Listing memory);

    function getTiers(ListingId listing) external view returns (Tier[] memory);

    function getAccessRules(ListingId listing) external view returns (AccessRules memory);

    function getProvider(ProviderId provider) external view returns (Provider memory);

    /// @notice To whom a provider is offered, or zero.
    function offeredTo(ProviderId provider) external view returns (address);

    function isDelegate(ProviderId provider, address delegate) external view returns (bool);

    function isBuyerAllowed(ProviderId provider, address buyer) external view returns (bool);

    function getAttestation(address subject, AttestationKind kind) external view returns (Attestation memory);

    /// @notice Whether `subject` has all the attestations of a bit set until `until`, and had them before `since` unless that is 0.
    function isAttested(address subject, uint16 attestations, uint40 since, uint256 until) external view returns (bool);

    function listingCount() external view returns (uint32);

    function providerCount() external view returns (uint32);
}
