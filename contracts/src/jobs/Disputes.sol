// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "../interfaces/IAccessControl.sol";
import {IJobRegistry} from "../interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {Metering} from "../libraries/Metering.sol";
import {JobId} from "../types/Ids.sol";
import {JobStatus, Meter, Terms} from "../types/Job.sol";
import {Outcome} from "../types/Listing.sol";
import {JobBase} from "./JobBase.sol";

/// @dev A buyer who gets nothing for its money stops the meter; the arbiter rules, or a fixed rule does.
abstract contract Disputes is JobBase {
    /// @inheritdoc IJobRegistry
    function dispute(JobId job, Terms calldata terms, bytes32 evidenceHash) external {
        // Check
        uint40 startedAt = _agreedIn(job, terms, JobStatus.Running);
        _checkRequester(job, terms);
        uint256 last = uint256(startedAt) + terms.duration + GRACE_PERIOD;
        require(block.timestamp <= last, DeadlinePassed(job, last, block.timestamp));

        // Effect
        uint32 elapsed = _elapsed(terms, startedAt);
        uint64 due = Metering.due(terms.pricePerGpuHour, terms.gpuCount, elapsed);
        _meters[job] = Meter({elapsed: elapsed, due: due});
        _setStatus(job, JobStatus.Disputed, uint40(block.timestamp));
        emit JobDisputed({job: job, provider: terms.provider, elapsed: elapsed, due: due, evidenceHash: evidenceHash});

        // Interaction
        IProviderRegistry(PROVIDER_REGISTRY).releaseDisputed(terms.listing, terms.gpuCount);
    }

    /// @inheritdoc IJobRegistry
    function submitEvidence(JobId job, Terms calldata terms, bytes32 evidenceHash) external {
        // Check
        _agreedIn(job, terms, JobStatus.Disputed);
        require(_isProvider(terms) || _isRequester(terms), NotParty(job, msg.sender));

        // Effect
        emit EvidenceSubmitted({job: job, by: msg.sender, evidenceHash: evidenceHash});
    }

    /// @inheritdoc IJobRegistry
    function rule(JobId job, Terms calldata terms, uint64 paid, bytes32 reasonHash) external {
        // Check
        _agreedIn(job, terms, JobStatus.Disputed);
        IAccessControl access = IAccessControl(ACCESS_CONTROL);
        access.checkRole(access.ARBITER_ROLE(), msg.sender);
        uint64 due = _meters[job].due;
        require(paid <= due, RulingTooHigh(paid, due));

        // Effect
        emit DisputeRuled({job: job, arbiter: msg.sender, paid: paid, reasonHash: reasonHash});
        _settleDispute(job, terms, paid);
    }

    /// @inheritdoc IJobRegistry
    function resolve(JobId job, Terms calldata terms) external {
        // Check
        uint256 last = uint256(_agreedIn(job, terms, JobStatus.Disputed)) + ARBITER_PERIOD;
        require(block.timestamp > last, DeadlineNotReached(job, last, block.timestamp));

        // Effect
        // Less than it was.
        // forge-lint: disable-next-line(unsafe-typecast)
        _settleDispute(job, terms, uint64(uint256(_meters[job].due) * SILENCE_SHARE / BASIS));
    }

    /// @inheritdoc IJobRegistry
    function meterOf(JobId job) external view returns (Meter memory) {
        return _meters[job];
    }

    /// @dev The buyer ends its own dispute and pays what was due.
    function _concede(JobId job, Terms calldata terms) internal {
        // Check
        _checkRequester(job, terms);

        // Effect
        _settleDispute(job, terms, _meters[job].due);
    }

    /// @return seconds that a job ran, at most its duration
    function _elapsed(Terms calldata terms, uint40 startedAt) internal view virtual returns (uint32) {
        uint256 ran = block.timestamp - startedAt;
        // At most the duration, which is 32 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        return ran < terms.duration ? uint32(ran) : terms.duration;
    }

    function _settleDispute(JobId job, Terms calldata terms, uint64 paid) private {
        Meter memory meter = _meters[job];
        // Where nothing was due, nothing can be ruled against the provider.
        Outcome outcome = paid > 0 ? Outcome.Completed : meter.due > 0 ? Outcome.Failed : Outcome.None;
        IProviderRegistry(PROVIDER_REGISTRY).recordOutcome(terms.listing, outcome);
        _settle(job, terms, meter.elapsed, paid);
    }
}
