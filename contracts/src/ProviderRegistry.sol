// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "./interfaces/IAccessControl.sol";
import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";
import {Limits} from "./libraries/Limits.sol";
import {Rates} from "./libraries/Rates.sol";
import {ShortString} from "./libraries/ShortString.sol";
import {Tiers} from "./libraries/Tiers.sol";
import {Attestations} from "./providers/Attestations.sol";
import {Providers} from "./providers/Providers.sol";
import {ListingId, ProviderId} from "./types/Ids.sol";
import {JobRequest} from "./types/Job.sol";
import {AccessRules, Description, Hardware, Listing, ListingKind, Outcome, Pricing, Tier} from "./types/Listing.sol";

/// @dev Providers and attestations are in `providers/`; here are the listings, and what the JobRegistry does with them.
contract ProviderRegistry is Providers {
    using Limits for Listing;
    using Rates for Listing;
    using Rates for Pricing;
    using ShortString for bytes16;
    using Tiers for uint256;
    using Tiers for Tier[];

    /// @inheritdoc IProviderRegistry
    address public immutable JOB_REGISTRY;

    /// @inheritdoc IProviderRegistry
    uint32 public listingCount;

    mapping(ListingId listing => Listing) private _listings;
    mapping(ListingId listing => uint256 packed) private _tiers;
    mapping(ListingId listing => AccessRules) private _rules;

    modifier onlyJobRegistry() {
        _checkJobRegistry();
        _;
    }

    /// @param jobRegistry need not be deployed yet; it refuses to be when it is not the one meant here
    constructor(address jobRegistry, address accessControl) Attestations(accessControl) {
        JOB_REGISTRY = jobRegistry;
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
        stored.touchedAt = uint40(block.timestamp);
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
        uint32 version = _touch(stored);
        _setPricing(stored, pricing);
        emit PricingChanged({listing: listing, version: version, pricing: pricing});
        if (!stored.tiered || !Rates.isOpen(stored.kind, pricing.model)) return;
        stored.tiered = false;
        delete _tiers[listing];
        emit TiersChanged({listing: listing, version: version, tiers: new Tier[](0)});
    }

    /// @inheritdoc IProviderRegistry
    function setTiers(ListingId listing, Tier[] calldata tiers) external {
        // Check
        Listing storage stored = _ownListing(listing);
        uint256 packed = tiers.pack();
        require(packed == 0 || !Rates.isOpen(stored.kind, stored.model), InvalidTiers());

        // Effect
        uint32 version = _touch(stored);
        stored.tiered = packed != 0;
        _tiers[listing] = packed;
        emit TiersChanged({listing: listing, version: version, tiers: tiers});
    }

    /// @inheritdoc IProviderRegistry
    function setCapacity(ListingId listing, uint16 total, bool offline) external {
        // Check
        Listing storage stored = _ownListing(listing);
        require(total > 0 || offline, InvalidCapacity(total, stored.widest));
        require(total >= stored.reserved, CapacityBelowReserved(total, stored.reserved));

        // Effect
        uint32 version = _touch(stored);
        stored.total = total;
        stored.offline = offline;
        emit CapacityChanged({listing: listing, version: version, total: total, offline: offline});
    }

    /// @inheritdoc IProviderRegistry
    function setAvailability(ListingId listing, uint32 availableFrom, uint32 availableUntil) external {
        // Check
        Listing storage stored = _ownListing(listing);
        _checkAvailability(availableFrom, availableUntil);

        // Effect
        uint32 version = _touch(stored);
        stored.availableFrom = availableFrom;
        stored.availableUntil = availableUntil;
        emit AvailabilityChanged({listing: listing, version: version, availableFrom: availableFrom, availableUntil: availableUntil});
    }

    /// @inheritdoc IProviderRegistry
    function setAccessRules(ListingId listing, AccessRules calldata rules) external {
        // Check
        Listing storage stored = _listings[listing];
        require(ProviderId.unwrap(stored.provider) != 0, UnknownListing(listing));
        _checkOwner(stored.provider);
        _checkKnown(rules.attestations);

        // Effect
        uint32 version = _touch(stored);
        stored.restricted = rules.attestations != 0 || rules.allowListOnly;
        _rules[listing] = rules;
        emit AccessRulesChanged({listing: listing, version: version, rules: rules});
    }

    /* CAPACITY */

    /// @inheritdoc IProviderRegistry
    function reserve(ListingId listing, uint32 listingVersion, uint64 pricePerGpuHour, address buyer, JobRequest calldata request)
        external
        onlyJobRegistry
        returns (address owner)
    {
        Listing storage held = _existing(listing);
        ProviderId provider = held.provider;
        owner = _providers[provider].owner;

        // Check
        uint32 version = held.version + _providers[provider].generation;
        require(version == listingVersion, ListingVersionChanged(listing, listingVersion, version));
        uint256 end = _checkFit(listing, held, request, block.timestamp);
        _checkAttested(owner, request.attestations, 0, end);
        if (held.restricted) _checkBuyer(listing, provider, buyer, end);
        require(pricePerGpuHour <= request.maxPricePerGpuHour, PriceAboveMaximum(pricePerGpuHour, request.maxPricePerGpuHour));
        uint16 reserved = held.reserved;
        _checkPrice(listing, held, pricePerGpuHour, reserved);

        // Effect
        reserved += request.gpuCount;
        (held.reserved, held.touchedAt) = (reserved, uint40(block.timestamp));
        emit CapacityReserved({listing: listing, gpuCount: request.gpuCount, reserved: reserved});
    }

    /// @inheritdoc IProviderRegistry
    function release(ListingId listing, uint16 gpuCount, Outcome outcome) external onlyJobRegistry {
        _free(listing, gpuCount, outcome, false);
    }

    /// @inheritdoc IProviderRegistry
    function releaseDisputed(ListingId listing, uint16 gpuCount) external onlyJobRegistry {
        _free(listing, gpuCount, Outcome.None, true);
    }

    /// @inheritdoc IProviderRegistry
    function recordOutcome(ListingId listing, Outcome outcome) external onlyJobRegistry {
        _count(_listings[listing].provider, outcome, false);
    }

    /// @inheritdoc IProviderRegistry
    function checkExtension(ListingId listing, uint16 gpuCount, uint64 pricePerGpuHour, uint256 end) external view {
        Listing storage held = _existing(listing);
        require(!held.offline, ListingOffline(listing));
        held.checkAvailability(block.timestamp, end);
        if (held.hasOpenBand()) {
            held.checkBand(pricePerGpuHour);
        } else {
            uint64 current = _exactPrice(listing, held, held.reserved - gpuCount, block.timestamp);
            require(pricePerGpuHour >= current, PriceRisen(pricePerGpuHour, current));
        }
    }

    /* VIEWS */

    /// @inheritdoc IProviderRegistry
    function currentRate(ListingId listing) external view returns (uint64) {
        Listing storage held = _existing(listing);
        return held.hasOpenBand() ? held.floor : _exactPrice(listing, held, held.reserved, block.timestamp);
    }

    /// @inheritdoc IProviderRegistry
    function quote(ListingId listing, JobRequest calldata request, uint40 since, uint40 at) external view returns (uint64 price) {
        Listing storage held = _existing(listing);
        uint256 end = _checkFit(listing, held, request, at);
        ProviderId provider = held.provider;
        // What is attested of an owner says nothing of the one before.
        if (request.attestations != 0 && since != 0) _checkSameOwner(provider, since);
        _checkAttested(_providers[provider].owner, request.attestations, since, end);
        require(!held.restricted, BuyerNotAllowed(listing, address(0)));
        require(!held.hasOpenBand(), PriceOpen(listing));
        price = _exactPrice(listing, held, held.reserved, at);
        require(price <= request.maxPricePerGpuHour, PriceAboveMaximum(price, request.maxPricePerGpuHour));
    }

    /// @inheritdoc IProviderRegistry
    function mayOperate(ListingId listing, address caller) external view returns (bool) {
        return _mayAct(_existing(listing).provider, caller);
    }

    /// @inheritdoc IProviderRegistry
    function getListing(ListingId listing) external view returns (Listing memory held) {
        held = _existing(listing);
        held.version += _providers[held.provider].generation;
    }

    /// @inheritdoc IProviderRegistry
    function getTiers(ListingId listing) external view returns (Tier[] memory) {
        return _tiers[listing].unpack();
    }

    /// @inheritdoc IProviderRegistry
    function getAccessRules(ListingId listing) external view returns (AccessRules memory) {
        return _rules[listing];
    }

    /* INTERNAL */

    function _checkJobRegistry() private view {
        require(msg.sender == JOB_REGISTRY, NotJobRegistry(msg.sender));
    }

    /// @dev Reverts unless the listing is online, of the wanted kind, free and open for a job that is routed at `at`.
    /// @return end unix seconds of the job's end, should it start as late as it may
    function _checkFit(ListingId listing, Listing storage held, JobRequest calldata request, uint256 at)
        private
        view
        returns (uint256 end)
    {
        require(!held.offline, ListingOffline(listing));
        held.checkFit(request);
        Limits.checkCapacity(listing, held, request.gpuCount);
        end = at + request.startWindow + request.duration;
        held.checkAvailability(at, end);
    }

    function _checkBuyer(ListingId listing, ProviderId provider, address buyer, uint256 end) private view {
        AccessRules memory rules = _rules[listing];
        require(!rules.allowListOnly || isBuyerAllowed(provider, buyer), BuyerNotAllowed(listing, buyer));
        _checkAttested(buyer, rules.attestations, 0, end);
    }

    /// @return the price of a listing without an open band, tiers included
    function _exactPrice(ListingId listing, Listing storage held, uint16 reserved, uint256 at) private view returns (uint64) {
        uint64 rate = held.base(reserved);
        return held.tiered ? _tiers[listing].apply_(rate, at) : rate;
    }

    /// @dev Reverts unless the price is the listing's own now, or inside its open band.
    function _checkPrice(ListingId listing, Listing storage held, uint64 price, uint16 reserved) internal view virtual {
        if (held.hasOpenBand()) {
            held.checkBand(price);
        } else {
            uint64 expected = _exactPrice(listing, held, reserved, block.timestamp);
            require(price == expected, PriceMismatch(price, expected));
        }
    }

    function _free(ListingId listing, uint16 gpuCount, Outcome outcome, bool disputed) internal virtual {
        Listing storage stored = _listings[listing];
        uint16 reserved = stored.reserved - gpuCount;
        (stored.reserved, stored.touchedAt) = (reserved, uint40(block.timestamp));
        emit CapacityReleased({listing: listing, gpuCount: gpuCount, reserved: reserved});
        _count(stored.provider, outcome, disputed);
    }

    function _touch(Listing storage stored) private returns (uint32 version) {
        version = ++stored.version + _providers[stored.provider].generation;
        stored.touchedAt = uint40(block.timestamp);
    }

    function _checkAvailability(uint32 availableFrom, uint32 availableUntil) private pure {
        require(availableUntil == 0 || availableUntil > availableFrom, InvalidAvailability(availableFrom, availableUntil));
    }

    function _isCountry(bytes2 country) private pure returns (bool) {
        return country == 0 || (_isCapital(country[0]) && _isCapital(country[1]));
    }

    function _isCapital(bytes1 character) private pure returns (bool) {
        return character >= "A" && character <= "Z";
    }

    function _existing(ListingId listing) private view returns (Listing storage held) {
        held = _listings[listing];
        require(ProviderId.unwrap(held.provider) != 0, UnknownListing(listing));
    }

    function _ownListing(ListingId listing) private view returns (Listing storage stored) {
        stored = _listings[listing];
        require(ProviderId.unwrap(stored.provider) != 0, UnknownListing(listing));
        _checkMayAct(stored.provider);
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
