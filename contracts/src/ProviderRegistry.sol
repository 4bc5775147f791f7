// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";
import {Limits} from "./libraries/Limits.sol";
import {Rates} from "./libraries/Rates.sol";
import {ShortString} from "./libraries/ShortString.sol";
import {ListingId, ProviderId} from "./types/Ids.sol";
import {JobRequest} from "./types/Job.sol";
import {Description, Hardware, Listing, ListingKind, Pricing} from "./types/Listing.sol";

contract ProviderRegistry is IProviderRegistry {
    using Limits for Listing;
    using Rates for Listing;
    using Rates for Pricing;
    using ShortString for bytes16;

    /// @inheritdoc IProviderRegistry
    address public immutable JOB_REGISTRY;

    /// @inheritdoc IProviderRegistry
    uint32 public providerCount;

    /// @inheritdoc IProviderRegistry
    uint32 public listingCount;

    mapping(ProviderId provider => Provider) private _providers;
    mapping(ListingId listing => Listing) private _listings;

    modifier onlyJobRegistry() {
        _checkJobRegistry();
        _;
    }

    /// @param jobRegistry need not be deployed yet; it refuses to be when it is not the one meant here
    constructor(address jobRegistry) {
        JOB_REGISTRY = jobRegistry;
    }

    /* PROVIDERS */

    /// @inheritdoc IProviderRegistry
    function registerProvider(string calldata name, string calldata uri) external returns (ProviderId provider) {
        // Check
        require(bytes(name).length > 0, EmptyName());

        // Effect
        provider = ProviderId.wrap(++providerCount);
        _providers[provider].owner = msg.sender;
        emit ProviderRegistered({provider: provider, owner: msg.sender, name: name, uri: uri});
    }

    /// @inheritdoc IProviderRegistry
    function updateProvider(ProviderId provider, string calldata name, string calldata uri) external {
        // Check
        _checkOwner(provider);
        require(bytes(name).length > 0, EmptyName());

        // Effect
        emit ProviderUpdated({provider: provider, name: name, uri: uri});
    }

    /// @inheritdoc IProviderRegistry
    function transferProvider(ProviderId provider, address to) external {
        // Check
        _checkOwner(provider);
        require(to != address(0), ZeroOwner());

        // Effect
        _providers[provider].owner = to;
        emit ProviderTransferred({provider: provider, from: msg.sender, to: to});
    }

    /* LISTINGS */

    /// @inheritdoc IProviderRegistry
    function addListing(
        ProviderId provider,
        ListingKind kind,
        Hardware calldata hardware,
        Pricing calldata pricing,
        Description calldata description
    ) external returns (ListingId listing) {
        // Check
        _checkOwner(provider);
        require(hardware.gpuModel.isCatalogueKey(), InvalidGpuModel(hardware.gpuModel));
        require(hardware.widest > 0 && hardware.total >= hardware.widest, InvalidCapacity(hardware.total, hardware.widest));
        require(_isCountry(hardware.country), InvalidCountry(hardware.country));
        _checkAvailability(hardware.availableFrom, hardware.availableUntil);
        require(pricing.isValid(kind), InvalidPricing(pricing));
        require(bytes(description.name).length > 0, EmptyName());
        bool hasNetwork = bytes(description.network).length > 0;
        require(hasNetwork || kind == ListingKind.Own, MissingNetwork());
        require(!hasNetwork || kind == ListingKind.Network, UnexpectedNetwork());

        // Effect
        listing = ListingId.wrap(++listingCount);
        Listing storage stored = _listings[listing];
        stored.provider = provider;
        stored.version = 1;
        stored.kind = kind;
        _setHardware(stored, hardware);
        _setPricing(stored, pricing);
        emit ListingAdded({
            listing: listing,
            provider: provider,
            kind: kind,
            gpuModel: hardware.gpuModel.toText(),
            hardware: hardware,
            pricing: pricing,
            description: description
        });
    }

    /// @inheritdoc IProviderRegistry
    function setPricing(ListingId listing, Pricing calldata pricing) external {
        // Check
        Listing storage stored = _ownListing(listing);
        require(pricing.isValid(stored.kind), InvalidPricing(pricing));

        // Effect
        uint32 version = ++stored.version;
        _setPricing(stored, pricing);
        emit PricingChanged({listing: listing, version: version, pricing: pricing});
    }

    /// @inheritdoc IProviderRegistry
    function setCapacity(ListingId listing, uint16 total, bool offline) external {
        // Check
        Listing storage stored = _ownListing(listing);
        require(total > 0 || offline, InvalidCapacity(total, stored.widest));
        require(total >= stored.reserved, CapacityBelowReserved(total, stored.reserved));

        // Effect
        uint32 version = ++stored.version;
        stored.total = total;
        stored.offline = offline;
        emit CapacityChanged({listing: listing, version: version, total: total, offline: offline});
    }

    /// @inheritdoc IProviderRegistry
    function setAvailability(ListingId listing, uint40 availableFrom, uint40 availableUntil) external {
        // Check
        Listing storage stored = _ownListing(listing);
        _checkAvailability(availableFrom, availableUntil);

        // Effect
        uint32 version = ++stored.version;
        stored.availableFrom = availableFrom;
        stored.availableUntil = availableUntil;
        emit AvailabilityChanged({listing: listing, version: version, availableFrom: availableFrom, availableUntil: availableUntil});
    }

    /* CAPACITY */

    /// @inheritdoc IProviderRegistry
    function reserve(ListingId listing, uint32 listingVersion, uint64 pricePerGpuHour, JobRequest calldata request)
        external
        onlyJobRegistry
        returns (address owner)
    {
        Listing memory held = _existing(listing);

        // Check
        require(!held.offline, ListingOffline(listing));
        require(held.version == listingVersion, ListingVersionChanged(listing, listingVersion, held.version));
        held.checkFit(request);
        Limits.checkCapacity(listing, held, request.gpuCount);
        held.checkAvailability(request);
        require(pricePerGpuHour <= request.maxPricePerGpuHour, PriceAboveMaximum(pricePerGpuHour, request.maxPricePerGpuHour));
        held.check(pricePerGpuHour);

        // Effect
        uint16 reserved = held.reserved + request.gpuCount;
        _listings[listing].reserved = reserved;
        emit CapacityReserved({listing: listing, gpuCount: request.gpuCount, reserved: reserved});
        return _providers[held.provider].owner;
    }

    /// @inheritdoc IProviderRegistry
    function release(ListingId listing, uint16 gpuCount) external onlyJobRegistry {
        // Effect
        uint16 reserved = _listings[listing].reserved -= gpuCount;
        emit CapacityReleased({listing: listing, gpuCount: gpuCount, reserved: reserved});
    }

    /* VIEWS */

    /// @inheritdoc IProviderRegistry
    function currentRate(ListingId listing) external view returns (uint64) {
        return _existing(listing).current();
    }

    /// @inheritdoc IProviderRegistry
    function getListing(ListingId listing) external view returns (Listing memory) {
        return _existing(listing);
    }

    /// @inheritdoc IProviderRegistry
    function getProvider(ProviderId provider) external view returns (Provider memory held) {
        held = _providers[provider];
        require(held.owner != address(0), UnknownProvider(provider));
    }

    /* INTERNAL */

    function _checkJobRegistry() private view {
        require(msg.sender == JOB_REGISTRY, NotJobRegistry(msg.sender));
    }

    function _checkOwner(ProviderId provider) private view {
        address owner = _providers[provider].owner;
        require(owner != address(0), UnknownProvider(provider));
        require(owner == msg.sender, NotProviderOwner(provider, msg.sender, owner));
    }

    function _checkAvailability(uint40 availableFrom, uint40 availableUntil) private pure {
        require(availableUntil == 0 || availableUntil > availableFrom, InvalidAvailability(availableFrom, availableUntil));
    }

    function _isCountry(bytes2 country) private pure returns (bool) {
        return country == 0 || (_isCapital(country[0]) && _isCapital(country[1]));
    }

    function _isCapital(bytes1 character) private pure returns (bool) {
        return character >= "A" && character <= "Z";
    }

    function _existing(ListingId listing) private view returns (Listing memory held) {
        held = _listings[listing];
        require(ProviderId.unwrap(held.provider) != 0, UnknownListing(listing));
    }

    function _ownListing(ListingId listing) private view returns (Listing storage stored) {
        stored = _listings[listing];
        require(ProviderId.unwrap(stored.provider) != 0, UnknownListing(listing));
        _checkOwner(stored.provider);
    }

    function _setHardware(Listing storage stored, Hardware calldata hardware) private {
        stored.gpuModel = hardware.gpuModel;
        stored.memoryGiB = hardware.memoryGiB;
        stored.formFactor = hardware.formFactor;
        stored.total = hardware.total;
        stored.widest = hardware.widest;
        stored.continent = hardware.continent;
        stored.country = hardware.country;
        stored.availableFrom = hardware.availableFrom;
        stored.availableUntil = hardware.availableUntil;
    }

    function _setPricing(Listing storage stored, Pricing calldata pricing) private {
        stored.model = pricing.model;
        stored.rate = pricing.rate;
        stored.floor = pricing.floor;
        stored.ceiling = pricing.ceiling;
        stored.tokenAmount = pricing.tokenAmount;
        stored.token = pricing.token;
    }
}
