// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {ProviderId} from "../types/Ids.sol";
import {Outcome} from "../types/Listing.sol";
import {Attestations} from "./Attestations.sol";

/// @dev Who provides, who acts for them, whom they serve, and how their jobs went.
abstract contract Providers is Attestations {
    struct Handover {
        // slot 0 (25 bytes)
        address offeredTo;
        /// Unix seconds since when it has the owner that it has; 0 for the first one.
        uint40 acceptedAt;
    }

    /// @inheritdoc IProviderRegistry
    uint32 public providerCount;

    mapping(ProviderId provider => Provider) internal _providers;
    mapping(ProviderId provider => Handover) private _handovers;
    mapping(ProviderId provider => mapping(uint16 generation => mapping(address delegate => bool))) private _delegates;
    mapping(ProviderId provider => mapping(address buyer => bool)) private _buyers;

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
    function offerProvider(ProviderId provider, address to) external {
        // Check
        _checkOwner(provider);

        // Effect
        _handovers[provider].offeredTo = to;
        emit ProviderOffered({provider: provider, from: msg.sender, to: to});
    }

    /// @inheritdoc IProviderRegistry
    function acceptProvider(ProviderId provider) external {
        Handover storage handover = _handovers[provider];

        // Check
        require(handover.offeredTo == msg.sender, NotOffered(provider, msg.sender));

        // Effect
        Provider storage held = _providers[provider];
        address from = held.owner;
        (held.owner, held.generation) = (msg.sender, held.generation + 1);
        (handover.offeredTo, handover.acceptedAt) = (address(0), uint40(block.timestamp));
        emit ProviderTransferred({provider: provider, from: from, to: msg.sender});
    }

    /// @inheritdoc IProviderRegistry
    function setDelegate(ProviderId provider, address delegate, bool allowed) external {
        // Check
        _checkOwner(provider);
        require(delegate != address(0), ZeroDelegate());

        // Effect
        _delegates[provider][_providers[provider].generation][delegate] = allowed;
        emit DelegateSet({provider: provider, delegate: delegate, allowed: allowed});
    }

    /// @inheritdoc IProviderRegistry
    function setBuyerAllowed(ProviderId provider, address buyer, bool allowed) external {
        // Check
        _checkOwner(provider);
        require(buyer != address(0), ZeroBuyer());

        // Effect
        _buyers[provider][buyer] = allowed;
        emit BuyerAllowed({provider: provider, buyer: buyer, allowed: allowed});
    }

    /// @inheritdoc IProviderRegistry
    function getProvider(ProviderId provider) external view returns (Provider memory held) {
        held = _providers[provider];
        require(held.owner != address(0), UnknownProvider(provider));
    }

    /// @inheritdoc IProviderRegistry
    function offeredTo(ProviderId provider) external view returns (address) {
        return _handovers[provider].offeredTo;
    }

    /// @inheritdoc IProviderRegistry
    function isDelegate(ProviderId provider, address delegate) public view returns (bool) {
        return _delegates[provider][_providers[provider].generation][delegate];
    }

    /// @inheritdoc IProviderRegistry
    function isBuyerAllowed(ProviderId provider, address buyer) public view returns (bool) {
        return _buyers[provider][buyer];
    }

    /// @dev Reverts unless the provider has the owner that it has since before `since`.
    function _checkSameOwner(ProviderId provider, uint40 since) internal view {
        uint40 acceptedAt = _handovers[provider].acceptedAt;
        require(acceptedAt < since, OwnerChanged(provider, acceptedAt, since));
    }

    function _checkOwner(ProviderId provider) internal view {
        address owner = _providers[provider].owner;
        require(owner != address(0), UnknownProvider(provider));
        require(owner == msg.sender, NotProviderOwner(provider, msg.sender, owner));
    }

    function _mayAct(ProviderId provider, address caller) internal view returns (bool) {
        return _providers[provider].owner == caller || isDelegate(provider, caller);
    }

    function _checkMayAct(ProviderId provider) internal view {
        require(_mayAct(provider, msg.sender), NotProviderDelegate(provider, msg.sender, _providers[provider].owner));
    }

    function _count(ProviderId provider, Outcome outcome, bool disputed) internal {
        if (outcome == Outcome.None && !disputed) return;
        Provider storage held = _providers[provider];
        if (outcome == Outcome.Completed) ++held.completed;
        // Buyers can fill these for gas alone, and a full one must not close a job's way out.
        else if (outcome == Outcome.Failed && held.failed < type(uint24).max) ++held.failed;
        if (disputed && held.disputed < type(uint24).max) ++held.disputed;
    }
}
