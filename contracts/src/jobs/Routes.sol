// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {IAccessControl} from "../interfaces/IAccessControl.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";
import {IJobRegistry} from "../interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {Commitment} from "../libraries/Commitment.sol";
import {Metering} from "../libraries/Metering.sol";
import {ShortString} from "../libraries/ShortString.sol";
import {JobId, ListingId} from "../types/Ids.sol";
import {JobRequest, JobStatus, Routing, Terms} from "../types/Job.sol";
import {Outcome} from "../types/Listing.sol";
import {JobBase} from "./JobBase.sol";

/// @dev Where a job goes: to a listing, into parts, or back to wait for another place.
abstract contract Routes is JobBase {
    using Address for address;
    using ShortString for bytes16;

    /// @inheritdoc IJobRegistry
    function route(JobId job, Terms calldata terms, JobRequest calldata request_, Routing calldata routing) external {
        // Check
        (JobStatus status, uint40 time) = _agreed(job, terms);
        _checkRouter();
        bool missed = status == JobStatus.Routed && block.timestamp > time;
        require(status == JobStatus.Requested || missed, WrongStatus(job, status));
        require(block.timestamp <= terms.routeDeadline, DeadlinePassed(job, terms.routeDeadline, block.timestamp));
        _checkRequestHash(job, terms, request_);
        require(routing.candidatesRoot != 0 && routing.recordRoot != 0 && routing.recordHash != 0, ZeroRecord());

        // Interaction, before the effect: the listing says who is to be paid.
        if (missed) _free(job, terms, ReopenReason.NotStarted);
        address provider = _reserve(terms, request_, routing);

        // Effect
        Terms memory routed = terms;
        routed.provider = provider;
        routed.listing = routing.listing;
        routed.pricePerGpuHour = routing.pricePerGpuHour;
        routed.fee = _config.fee;
        routed.router = msg.sender;
        routed.routedAt = uint40(block.timestamp);
        routed.commitment = Commitment.ofRouting(job, terms.requestHash, provider, routing);
        uint40 startDeadline = uint40(block.timestamp) + request_.startWindow;
        _store(job, routed, JobStatus.Routed, startDeadline);
        _emitRouted(job, routed, routing, startDeadline);
    }

    /// @inheritdoc IJobRegistry
    function split(JobId job, Terms calldata terms, JobRequest calldata request_, uint16[] calldata gpuCounts)
        external
        returns (JobId firstPart)
    {
        // Check
        _agreedIn(job, terms, JobStatus.Requested);
        _checkRouter();
        require(block.timestamp <= terms.routeDeadline, DeadlinePassed(job, terms.routeDeadline, block.timestamp));
        _checkRequestHash(job, terms, request_);
        uint256 parts = gpuCounts.length;
        require(parts > 1 && parts <= request_.maxParts, InvalidParts(parts, request_.maxParts));
        uint256 sum = 0;
        for (uint256 index = 0; index < parts; ++index) {
            require(gpuCounts[index] > 0, ZeroGpuCount());
            sum += gpuCounts[index];
        }
        require(sum == terms.gpuCount, PartsMismatch(sum, terms.gpuCount));

        // Effect
        _end(job, JobStatus.Split);
        uint64 before = _config.jobCount;
        firstPart = JobId.wrap(before + 1);
        JobRequest memory part = request_;
        part.maxParts = 0;
        uint64 left = terms.locked;
        for (uint64 index = 0; index < parts; ++index) {
            part.gpuCount = gpuCounts[index];
            left -= _openPart(JobId.wrap(before + 1 + index), terms, part);
        }
        // As many as fit `maxParts`, which is 8 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint8 count = uint8(parts);
        _config.jobCount = before + count;
        emit JobSplit({job: job, firstPart: firstPart, parts: count, refunded: left});

        // Interaction
        if (left > 0) _refund(job, terms, left);
    }

    /// @inheritdoc IJobRegistry
    function refreshRouter(address router) external {
        // Effect
        _mayRoute[router] = IAccessControl(ACCESS_CONTROL).isRouter(router) && IEscrow(ESCROW).isBonded(router);
    }

    /// @inheritdoc IJobRegistry
    function decline(JobId job, Terms calldata terms) external {
        // Check
        _agreedIn(job, terms, JobStatus.Routed);
        _checkProvider(job, terms);

        _reopen(job, terms, ReopenReason.Declined);
    }

    /// @inheritdoc IJobRegistry
    function overturn(JobId job, Terms calldata terms) external returns (bool reopened) {
        // Check
        require(msg.sender == CHALLENGE, NotChallenge(msg.sender));
        (JobStatus status,) = _agreed(job, terms);

        // What runs already, or is over, stays as it is: the bond has paid.
        reopened = status == JobStatus.Routed;
        if (reopened) _reopen(job, terms, ReopenReason.Overturned);
    }

    function _checkRouter() private view {
        require(!_config.paused, IsPaused());
        if (_mayRoute[msg.sender]) return;
        // One of the two says what is missing.
        IAccessControl(ACCESS_CONTROL).checkRouter(msg.sender);
        IEscrow(ESCROW).checkBond(msg.sender);
    }

    /// @dev `ProviderRegistry.reserve`, with the request as it came: its calldata is its ABI encoding, and writing it anew costs 2,500 gas.
    function _reserve(Terms calldata terms, JobRequest calldata request_, Routing calldata routing) private returns (address provider) {
        bytes memory data = abi.encodePacked(
            IProviderRegistry.reserve.selector,
            abi.encode(routing.listing, routing.listingVersion, routing.pricePerGpuHour, terms.requester),
            Commitment.encodingOf(request_)
        );
        return abi.decode(PROVIDER_REGISTRY.functionCall(data), (address));
    }

    function _checkRequestHash(JobId job, Terms calldata terms, JobRequest calldata request_) private pure {
        bytes32 given = Commitment.ofRequest(request_);
        require(terms.requestHash == given, RequestMismatch(job, terms.requestHash, given));
    }

    /// @return locked what of the whole's lock is this part's
    function _openPart(JobId job, Terms calldata whole, JobRequest memory part) private returns (uint64 locked) {
        locked = Metering.ceiling(part.maxPricePerGpuHour, part.gpuCount, part.duration);
        Terms memory terms = whole;
        terms.gpuCount = part.gpuCount;
        terms.locked = locked;
        terms.requestHash = Commitment.ofRequestInMemory(part);
        _store(job, terms, JobStatus.Requested, whole.routeDeadline);
        emit JobRequested({
            job: job,
            requester: part.tracked ? whole.requester : address(0),
            team: whole.team,
            gpuModel: part.gpuModel.toText(),
            locked: locked,
            request: part
        });
    }

    function _reopen(JobId job, Terms calldata terms, ReopenReason reason) private {
        // Effect
        Terms memory open = terms;
        open.provider = address(0);
        open.listing = ListingId.wrap(0);
        open.pricePerGpuHour = 0;
        open.fee = 0;
        open.router = address(0);
        open.routedAt = 0;
        open.commitment = 0;
        _store(job, open, JobStatus.Requested, terms.routeDeadline);

        // Interaction
        _free(job, terms, reason);
    }

    function _free(JobId job, Terms calldata terms, ReopenReason reason) private {
        emit JobReopened({job: job, listing: terms.listing, provider: terms.provider, reason: reason});
        Outcome outcome = reason == ReopenReason.Overturned ? Outcome.None : Outcome.Failed;
        IProviderRegistry(PROVIDER_REGISTRY).release(terms.listing, terms.gpuCount, outcome);
    }

    /// A function of its own for the sake of the stack.
    function _emitRouted(JobId job, Terms memory routed, Routing calldata routing, uint40 startDeadline) private {
        emit JobRouted({
            job: job,
            listing: routing.listing,
            provider: routed.provider,
            listingVersion: routing.listingVersion,
            pricePerGpuHour: routing.pricePerGpuHour,
            fee: routed.fee,
            router: msg.sender,
            startDeadline: startDeadline,
            candidatesRoot: routing.candidatesRoot,
            recordRoot: routing.recordRoot,
            recordHash: routing.recordHash,
            commitment: routed.commitment
        });
    }
}
