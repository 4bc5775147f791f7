// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ListingId, ProviderId} from "../types/Ids.sol";
import {JobRequest} from "../types/Job.sol";
import {Description, Hardware, Listing, ListingKind, Pricing} from "../types/Listing.sol";

/// @title Providers and what they offer
/// @notice Listings live on chain with their rates and capacity; every change is an event and moves the listing's version, so that the
/// set of offers at any block can be rebuilt and a routing decision replayed.
interface IProviderRegistry {
    /// @notice A provider as stored.
    struct Provider {
        // slot 0
        address owner;
    }

    event ProviderRegistered(ProviderId indexed provider, address indexed owner, string name, string uri);
    event ProviderUpdated(ProviderId indexed provider, string name, string uri);
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
    event AvailabilityChanged(ListingId indexed listing, uint32 version, uint40 availableFrom, uint40 availableUntil);
    /// `reserved` is what stands after the change.
    event CapacityReserved(ListingId indexed listing, uint16 gpuCount, uint16 reserved);
    event CapacityReleased(ListingId indexed listing, uint16 gpuCount, uint16 reserved);

    error NotJobRegistry(address caller);
    error UnknownProvider(ProviderId provider);
    error UnknownListing(ListingId listing);
    error NotProviderOwner(ProviderId provider, address caller, address owner);
    error EmptyName();
    error ZeroOwner();
    error InvalidGpuModel(bytes16 gpuModel);
    error InvalidCapacity(uint16 total, uint16 widest);
    error CapacityBelowReserved(uint16 total, uint16 reserved);
    error InvalidPricing(Pricing pricing);
    error InvalidAvailability(uint40 from, uint40 until);
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
    error OutsideAvailability(uint40 from, uint40 until, uint256 start, uint256 end);
    error PriceAboveMaximum(uint64 price, uint64 maximum);
    error PriceMismatch(uint64 price, uint64 expected);
    error PriceOutsideBand(uint64 price, uint64 floor, uint64 ceiling);

    /// @notice The only caller of `reserve` and `release`.
    function JOB_REGISTRY() external view returns (address);

    /// @notice Registers the caller as a provider. One address may own several.
    function registerProvider(string calldata name, string calldata uri) external returns (ProviderId provider);

    function updateProvider(ProviderId provider, string calldata name, string calldata uri) external;

    /// @notice Hands a provider and its listings to `to`. Jobs already routed still pay the address they were routed to.
    function transferProvider(ProviderId provider, address to) external;

    /// @notice Lists hardware. Capacity starts online and free. A network listing names its network, an own one names none.
    function addListing(
        ProviderId provider,
        ListingKind kind,
        Hardware calldata hardware,
        Pricing calldata pricing,
        Description calldata description
    ) external returns (ListingId listing);

    /// @notice Changes the price terms for jobs routed from now on.
    function setPricing(ListingId listing, Pricing calldata pricing) external;

    /// @notice Changes how many GPUs there are and whether new jobs may come. Never below what is reserved.
    function setCapacity(ListingId listing, uint16 total, bool offline) external;

    function setAvailability(ListingId listing, uint40 availableFrom, uint40 availableUntil) external;

    /// @notice Checks a routing against the listing and the job's limits, and reserves its GPUs. Only the JobRegistry.
    /// @return owner the provider's address, to be paid for this job
    function reserve(ListingId listing, uint32 listingVersion, uint64 pricePerGpuHour, JobRequest calldata request)
        external
        returns (address owner);

    /// @notice Frees a job's GPUs. Only the JobRegistry.
    function release(ListingId listing, uint16 gpuCount) external;

    /// @notice Micro-USD per GPU-hour of the next job; for Token and network listings the lowest price that may be routed.
    function currentRate(ListingId listing) external view returns (uint64);

    function getListing(ListingId listing) external view returns (Listing memory);

    function getProvider(ProviderId provider) external view returns (Provider memory);

    function listingCount() external view returns (uint32);

    function providerCount() external view returns (uint32);
}
