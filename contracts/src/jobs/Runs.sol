// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IJobRegistry} from "../interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {Metering} from "../libraries/Metering.sol";
import {JobId} from "../types/Ids.sol";
import {JobStatus, Terms} from "../types/Job.sol";
import {Outcome} from "../types/Listing.sol";
import {Disputes} from "./Disputes.sol";

/// @dev From the start to the end: metered, given up, or out of time.
abstract contract Runs is Disputes {
    /// @inheritdoc IJobRegistry
    function start(JobId job, Terms calldata terms) external {
        // Check
        uint40 deadline = _agreedIn(job, terms, JobStatus.Routed);
        _checkProvider(job, terms);
        require(block.timestamp <= deadline, DeadlinePassed(job, deadline, block.timestamp));

        // Effect
        uint40 startedAt = uint40(block.timestamp);
        _setStatus(job, JobStatus.Running, startedAt);
        emit JobStarted({job: job, provider: terms.provider, startedAt: startedAt, endsAt: startedAt + terms.duration});
    }

    /// @inheritdoc IJobRegistry
    function complete(JobId job, Terms calldata terms) external {
        (JobStatus status, uint40 startedAt) = _agreed(job, terms);
        if (status == JobStatus.Disputed) return _concede(job, terms);

        // Check
        require(status == JobStatus.Running, WrongStatus(job, status));
        bool mayEnd = block.timestamp > uint256(startedAt) + terms.duration + GRACE_PERIOD || _isProvider(terms) || _isRequester(terms);
        require(mayEnd, NotParty(job, msg.sender));

        // Effect
        uint32 elapsed = _elapsed(terms, startedAt);
        uint64 paid = Metering.due(terms.pricePerGpuHour, terms.gpuCount, elapsed);
        IProviderRegistry(PROVIDER_REGISTRY).release(terms.listing, terms.gpuCount, paid > 0 ? Outcome.Completed : Outcome.None);
        _settle(job, terms, elapsed, paid);
    }

    /// @inheritdoc IJobRegistry
    function fail(JobId job, Terms calldata terms) external {
        // Check
        (JobStatus status,) = _agreed(job, terms);
        require(status == JobStatus.Running || status == JobStatus.Disputed, WrongStatus(job, status));
        _checkProvider(job, terms);

        // Effect
        _end(job, JobStatus.Failed);
        emit JobFailed({job: job, provider: terms.provider, refunded: terms.locked});

        // Interaction
        IProviderRegistry registry = IProviderRegistry(PROVIDER_REGISTRY);
        if (status == JobStatus.Running) registry.release(terms.listing, terms.gpuCount, Outcome.Failed);
        else registry.recordOutcome(terms.listing, Outcome.Failed);
        _refund(job, terms, terms.locked);
    }

    /// @inheritdoc IJobRegistry
    function expire(JobId job, Terms calldata terms) external {
        // Check
        (JobStatus status, uint40 deadline) = _agreed(job, terms);
        require(status == JobStatus.Requested || status == JobStatus.Routed, WrongStatus(job, status));
        _checkOver(job, terms, deadline);

        // Effect
        _end(job, JobStatus.Expired);
        emit JobExpired({job: job, from: status, refunded: terms.locked});

        // Interaction
        if (status == JobStatus.Routed) {
            IProviderRegistry(PROVIDER_REGISTRY).release(terms.listing, terms.gpuCount, Outcome.Failed);
        }
        _refund(job, terms, terms.locked);
    }

    /// @dev Reverts unless the job can neither be started nor routed any more: a routed one may be routed again until its route deadline.
    function _checkOver(JobId job, Terms calldata terms, uint40 deadline) internal view virtual {
        uint40 last = deadline > terms.routeDeadline ? deadline : terms.routeDeadline;
        require(block.timestamp > last, DeadlineNotReached(job, last, block.timestamp));
    }

    /// @inheritdoc IJobRegistry
    function costOf(uint64 pricePerGpuHour, uint16 gpuCount, uint32 elapsed) external pure returns (uint64) {
        return Metering.due(pricePerGpuHour, gpuCount, elapsed);
    }
}
