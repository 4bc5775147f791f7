// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "../interfaces/IAccessControl.sol";
import {Funding, IEscrow} from "../interfaces/IEscrow.sol";
import {IJobRegistry} from "../interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {Accounts} from "../libraries/Accounts.sol";
import {Commitment} from "../libraries/Commitment.sol";
import {Metering} from "../libraries/Metering.sol";
import {ShortString} from "../libraries/ShortString.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {JobId, TeamId} from "../types/Ids.sol";
import {JobRequest, JobStatus, Terms} from "../types/Job.sol";
import {Outcome} from "../types/Listing.sol";
import {JobBase} from "./JobBase.sol";

/// @dev What a buyer does before a job ends by itself: ask, take back, prolong.
abstract contract Requests is JobBase {
    using ShortString for bytes16;

    uint32 private constant SHORTEST_DURATION = 60 seconds;
    uint32 private constant LONGEST_DURATION = 90 days;
    uint32 private constant SHORTEST_START_WINDOW = 60 seconds;
    uint32 private constant LONGEST_START_WINDOW = 7 days;
    uint256 private constant LONGEST_ROUTE_WAIT = 30 days;
    uint16 private constant MAX_WEIGHT = 10_000;

    /// @inheritdoc IJobRegistry
    function request(JobRequest calldata request_) external returns (JobId) {
        return _request(msg.sender, address(0), request_);
    }

    /// @inheritdoc IJobRegistry
    function depositAndRequest(Funding calldata funding, JobRequest calldata request_) external returns (JobId) {
        // Interaction, before all else: the money has to be there. The Escrow keeps everybody out meanwhile.
        IEscrow(ESCROW).fundFrom(msg.sender, funding);
        return _request(msg.sender, address(0), request_);
    }

    /// @inheritdoc IJobRegistry
    function requestFor(address requester, JobRequest calldata request_) external returns (JobId) {
        return _request(requester, msg.sender, request_);
    }

    /// @inheritdoc IJobRegistry
    function requestBySignature(address requester, JobRequest calldata request_, uint256 nonce, uint256 deadline, bytes calldata signature)
        external
        returns (JobId)
    {
        // Check
        _checkSignature(requester, Signatures.ofRequest(requester, request_, nonce, deadline), nonce, deadline, signature);

        return _request(requester, address(0), request_);
    }

    /// @inheritdoc IJobRegistry
    function cancel(JobId job, Terms calldata terms) external {
        // Check
        JobStatus status = _cancellable(job, terms);
        bool mayCancel = _isRequester(terms) || IAccessControl(ACCESS_CONTROL).isSession(terms.requester, msg.sender, terms.team);
        require(mayCancel, NotRequester(job, msg.sender));

        _cancel(job, terms, status);
    }

    /// @inheritdoc IJobRegistry
    function cancelBySignature(JobId job, Terms calldata terms, uint256 nonce, uint256 deadline, bytes calldata signature) external {
        // Check
        JobStatus status = _cancellable(job, terms);
        bool mayCancel = TeamId.unwrap(terms.team) == 0 || _isTeamUser(terms.team, terms.requester);
        require(mayCancel, NotRequester(job, terms.requester));
        _checkSignature(terms.requester, Signatures.ofCancel(job, nonce, deadline), nonce, deadline, signature);

        _cancel(job, terms, status);
    }

    /// @inheritdoc IJobRegistry
    function cancelNonce(uint256 nonce) external {
        _useCheckedNonce(msg.sender, nonce);
    }

    /// @inheritdoc IJobRegistry
    function extend(JobId job, Terms calldata terms, uint32 extraSeconds) external {
        // Check
        uint40 startedAt = _agreedIn(job, terms, JobStatus.Running);
        _checkRequester(job, terms);
        uint256 endsAt = uint256(startedAt) + terms.duration;
        require(block.timestamp <= endsAt, DeadlinePassed(job, endsAt, block.timestamp));
        uint256 longer = uint256(terms.duration) + extraSeconds;
        bool isLonger = extraSeconds > 0 && longer <= LONGEST_DURATION;
        // Too long for 32 bits is too long for the limit; the error then shows the largest number there is.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint32 duration = longer > type(uint32).max ? type(uint32).max : uint32(longer);
        require(isLonger, InvalidDuration(duration, terms.duration + 1, LONGEST_DURATION));
        IProviderRegistry(PROVIDER_REGISTRY)
            .checkExtension(terms.listing, terms.gpuCount, terms.pricePerGpuHour, uint256(startedAt) + duration);

        // Effect
        uint64 needed = Metering.ceiling(terms.pricePerGpuHour, terms.gpuCount, duration);
        // The lock may have been made for a higher price than was found.
        uint64 extra = needed > terms.locked ? needed - terms.locked : 0;
        Terms memory longerTerms = terms;
        longerTerms.duration = duration;
        longerTerms.locked = terms.locked + extra;
        _store(job, longerTerms, JobStatus.Running, startedAt);
        emit JobExtended({job: job, duration: duration, locked: longerTerms.locked, endsAt: startedAt + duration});

        // Interaction
        if (extra > 0) _lock(job, terms.requester, address(0), terms.team, extra);
    }

    /// @inheritdoc IJobRegistry
    function lockFor(JobRequest calldata request_) public pure returns (uint64) {
        return Metering.ceilingOfParts(request_.maxPricePerGpuHour, request_.gpuCount, request_.duration, request_.maxParts);
    }

    /// @param key the session key that asks in the requester's name, or zero
    function _request(address requester, address key, JobRequest calldata request_) private returns (JobId job) {
        // Check
        require(!_config.paused, IsPaused());
        _checkRequest(request_);

        // Effect
        job = JobId.wrap(++_config.jobCount);
        uint64 locked = lockFor(request_);
        Terms memory terms;
        terms.requester = requester;
        terms.team = request_.team;
        terms.requestedAt = uint40(block.timestamp);
        terms.routeDeadline = request_.routeDeadline;
        terms.gpuCount = request_.gpuCount;
        terms.duration = request_.duration;
        terms.locked = locked;
        terms.requestHash = Commitment.ofRequest(request_);
        _store(job, terms, JobStatus.Requested, request_.routeDeadline);
        emit JobRequested({
            job: job,
            requester: request_.tracked ? requester : address(0),
            team: request_.team,
            gpuModel: request_.gpuModel.toText(),
            locked: locked,
            request: request_
        });

        // Interaction
        _lock(job, requester, key, request_.team, locked);
    }

    /// @dev Counts the amount in the budgets and locks it: who may not spend it gets no further.
    function _lock(JobId job, address requester, address key, TeamId team, uint64 amount) private {
        if (key != address(0)) IAccessControl(ACCESS_CONTROL).spendByKey(requester, key, team, amount);
        else if (TeamId.unwrap(team) != 0) IAccessControl(ACCESS_CONTROL).spend(team, requester, amount);
        IEscrow(ESCROW).lock(job, Accounts.ofPayer(requester, team), amount);
    }

    function _cancellable(JobId job, Terms calldata terms) private view returns (JobStatus status) {
        (status,) = _agreed(job, terms);
        require(status == JobStatus.Requested || status == JobStatus.Routed, WrongStatus(job, status));
    }

    function _cancel(JobId job, Terms calldata terms, JobStatus status) private {
        // Effect
        _end(job, JobStatus.Cancelled);
        emit JobCancelled({job: job, refunded: terms.locked});

        // Interaction
        if (status == JobStatus.Routed) {
            IProviderRegistry(PROVIDER_REGISTRY).release(terms.listing, terms.gpuCount, Outcome.None);
        }
        _refund(job, terms, terms.locked);
    }

    function _checkRequest(JobRequest calldata request_) private view {
        require(request_.gpuModel != 0, ZeroGpuModel());
        require(request_.gpuCount > 0, ZeroGpuCount());
        require(request_.maxPricePerGpuHour > 0, ZeroMaxPrice());
        uint32 duration = request_.duration;
        require(
            duration >= SHORTEST_DURATION && duration <= LONGEST_DURATION, InvalidDuration(duration, SHORTEST_DURATION, LONGEST_DURATION)
        );
        uint32 window = request_.startWindow;
        require(
            window >= SHORTEST_START_WINDOW && window <= LONGEST_START_WINDOW,
            InvalidStartWindow(window, SHORTEST_START_WINDOW, LONGEST_START_WINDOW)
        );
        uint40 deadline = request_.routeDeadline;
        require(
            deadline > block.timestamp && deadline <= block.timestamp + LONGEST_ROUTE_WAIT,
            InvalidRouteDeadline(deadline, block.timestamp + 1, block.timestamp + LONGEST_ROUTE_WAIT)
        );
        _checkWeight(request_.uptimeWeight);
        _checkWeight(request_.latencyWeight);
        _checkWeight(request_.ratingWeight);
        _checkWeight(request_.riskWeight);
        require(request_.tracked || TeamId.unwrap(request_.team) == 0, UntrackedTeamJob(request_.team));
    }

    function _checkWeight(uint16 weight) private pure {
        require(weight <= MAX_WEIGHT, WeightTooLarge(weight));
    }
}
