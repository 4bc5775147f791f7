// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "./interfaces/IAccessControl.sol";
import {IJobRegistry} from "./interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";
import {JobBase} from "./jobs/JobBase.sol";
import {Requests} from "./jobs/Requests.sol";
import {Routes} from "./jobs/Routes.sol";
import {Runs} from "./jobs/Runs.sol";
import {Commitment} from "./libraries/Commitment.sol";
import {Jobs} from "./libraries/Jobs.sol";
import {JobId} from "./types/Ids.sol";
import {Job, JobRequest, PackedJob, Routing, Terms} from "./types/Job.sol";

/// @dev The parts are in `jobs/`; here are the platform's switches and the views.
contract JobRegistry is Requests, Routes, Runs {
    using Jobs for PackedJob;

    /// @param escrow need not be deployed yet; it refuses to be when it is not the one meant here
    /// @param providerRegistry has to be deployed already, for this very JobRegistry
    /// @param accessControl has to be deployed already, for this very JobRegistry
    /// @param challenge need not be deployed yet; it refuses to be when it is not the one meant here
    constructor(address escrow, address providerRegistry, address accessControl, address challenge)
        JobBase(escrow, providerRegistry, accessControl, challenge)
    {
        IProviderRegistry providers = IProviderRegistry(providerRegistry);
        _checkWiring(address(this), providers.JOB_REGISTRY());
        _checkWiring(accessControl, providers.ACCESS_CONTROL());
        _checkWiring(address(this), IAccessControl(accessControl).JOB_REGISTRY());
    }

    /* PLATFORM */

    /// @inheritdoc IJobRegistry
    function pause() external {
        // Check
        _checkPauser();

        // Effect
        _config.paused = true;
        emit Paused(msg.sender);
    }

    /// @inheritdoc IJobRegistry
    function unpause() external {
        // Check
        _checkPauser();

        // Effect
        _config.paused = false;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IJobRegistry
    function setFee(uint16 fee, address treasury) external {
        // Check
        // Zero is OpenZeppelin's DEFAULT_ADMIN_ROLE.
        IAccessControl(ACCESS_CONTROL).checkRole(0, msg.sender);
        require(fee <= MAX_FEE && (fee == 0 || treasury != address(0)), InvalidFee(fee, MAX_FEE, treasury));
        // Jobs under way may still owe the old fee to somebody.
        require(treasury != address(0) || _config.treasury == address(0), InvalidFee(fee, MAX_FEE, treasury));

        // Effect
        _config.fee = fee;
        _config.treasury = treasury;
        emit FeeChanged({fee: fee, treasury: treasury, by: msg.sender});
    }

    /* VIEWS */

    /// @inheritdoc IJobRegistry
    function getJob(JobId job) external view returns (Job memory) {
        PackedJob held = _existing(job);
        return Job({termsHash: held.termsHash(), status: held.status(), time: held.time()});
    }

    /// @inheritdoc IJobRegistry
    function checkTerms(JobId job, Terms calldata terms) external view {
        _agreed(job, terms);
    }

    /// @inheritdoc IJobRegistry
    function jobCount() external view returns (uint64) {
        return _config.jobCount;
    }

    /// @inheritdoc IJobRegistry
    function paused() external view returns (bool) {
        return _config.paused;
    }

    /// @inheritdoc IJobRegistry
    function currentFee() external view returns (uint16, address) {
        return (_config.fee, _config.treasury);
    }

    /// @inheritdoc IJobRegistry
    function hashRequest(JobRequest calldata request_) external pure returns (bytes32) {
        return keccak256(abi.encode(request_));
    }

    /// @inheritdoc IJobRegistry
    function hashTerms(Terms calldata terms) external pure returns (bytes26) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return bytes26(keccak256(abi.encode(terms)));
    }

    /// @inheritdoc IJobRegistry
    function commitmentOf(JobId job, bytes32 requestHash, address provider, Routing calldata routing) external pure returns (bytes32) {
        return Commitment.ofRouting(job, requestHash, provider, routing);
    }

    function _checkPauser() private view {
        IAccessControl access = IAccessControl(ACCESS_CONTROL);
        access.checkRole(access.PAUSER_ROLE(), msg.sender);
    }

    function _checkWiring(address wanted, address found) private pure {
        require(found == wanted, WrongWiring(wanted, found));
    }
}
