// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl, TeamRole} from "./interfaces/IAccessControl.sol";
import {IEscrow} from "./interfaces/IEscrow.sol";
import {IJobRegistry} from "./interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";
import {Accounts} from "./libraries/Accounts.sol";
import {Commitment} from "./libraries/Commitment.sol";
import {Metering} from "./libraries/Metering.sol";
import {ShortString} from "./libraries/ShortString.sol";
import {Account, JobId, TeamId} from "./types/Ids.sol";
import {Job, JobRequest, JobStatus, Routing} from "./types/Job.sol";

/// @dev Calls only the three contracts below; they are fixed for ever and call nobody on the way, so nothing can reenter.
contract JobRegistry is IJobRegistry {
    using Accounts for Account;
    using ShortString for bytes16;

    uint32 private constant SHORTEST_DURATION = 60 seconds;
    uint32 private constant LONGEST_DURATION = 90 days;
    uint32 private constant SHORTEST_START_WINDOW = 60 seconds;
    uint32 private constant LONGEST_START_WINDOW = 7 days;
    uint256 private constant LONGEST_ROUTE_WAIT = 30 days;
    uint16 private constant MAX_WEIGHT = 10_000;

    /// @inheritdoc IJobRegistry
    uint32 public constant GRACE_PERIOD = 1 hours;

    /// @inheritdoc IJobRegistry
    address public immutable ESCROW;
    /// @inheritdoc IJobRegistry
    address public immutable PROVIDER_REGISTRY;
    /// @inheritdoc IJobRegistry
    address public immutable ACCESS_CONTROL;

    /// @inheritdoc IJobRegistry
    uint64 public jobCount;

    mapping(JobId job => Job) private _jobs;

    /// @param escrow need not be deployed yet; it refuses to be when it is not the one meant here
    /// @param providerRegistry has to be deployed already, for this very JobRegistry
    constructor(address escrow, address providerRegistry, address accessControl) {
        address found = IProviderRegistry(providerRegistry).JOB_REGISTRY();
        require(found == address(this), WrongWiring(address(this), found));
        ESCROW = escrow;
        PROVIDER_REGISTRY = providerRegistry;
        ACCESS_CONTROL = accessControl;
    }

    /* THE LIFE OF A JOB */

    /// @inheritdoc IJobRegistry
    function request(JobRequest calldata request_) external returns (JobId job) {
        // Check
        _checkTerms(request_);
        IAccessControl(ACCESS_CONTROL).checkRequest(msg.sender, request_.team);
        uint64 locked = lockFor(request_);

        // Effect
        job = JobId.wrap(++jobCount);
        Job storage stored = _jobs[job];
        stored.requester = msg.sender;
        stored.status = JobStatus.Requested;
        stored.time = request_.routeDeadline;
        stored.gpuCount = request_.gpuCount;
        stored.commitment = Commitment.ofRequest(request_);
        emit JobRequested({
            job: job,
            requester: request_.tracked ? msg.sender : address(0),
            team: request_.team,
            gpuModel: request_.gpuModel.toText(),
            locked: locked,
            request: request_
        });

        // Interaction
        Account payer = TeamId.unwrap(request_.team) == 0 ? Accounts.ofPerson(msg.sender) : Accounts.ofTeam(request_.team);
        IEscrow(ESCROW).lock(job, payer, locked);
    }

    /// @inheritdoc IJobRegistry
    function route(JobId job, JobRequest calldata request_, Routing calldata routing) external {
        Job storage stored = _jobs[job];

        // Check
        IAccessControl(ACCESS_CONTROL).checkRoute(msg.sender);
        _checkStatus(job, stored.status, JobStatus.Requested);
        require(block.timestamp <= stored.time, DeadlinePassed(job, stored.time, block.timestamp));
        bytes32 requestHash = Commitment.ofRequest(request_);
        require(stored.commitment == requestHash, RequestMismatch(job, stored.commitment, requestHash));
        require(routing.candidatesRoot != 0 && routing.recordRoot != 0 && routing.recordHash != 0, ZeroRecord());

        // Interaction, before the effect: the listing says who is to be paid.
        address provider =
            IProviderRegistry(PROVIDER_REGISTRY).reserve(routing.listing, routing.listingVersion, routing.pricePerGpuHour, request_);

        // Effect
        bytes32 commitment = Commitment.ofRouting(job, requestHash, provider, routing);
        uint40 startDeadline = uint40(block.timestamp) + request_.startWindow;
        stored.status = JobStatus.Routed;
        stored.time = startDeadline;
        stored.listing = routing.listing;
        stored.provider = provider;
        stored.pricePerGpuHour = routing.pricePerGpuHour;
        stored.duration = request_.duration;
        stored.commitment = commitment;
        emit JobRouted({
            job: job,
            listing: routing.listing,
            provider: provider,
            listingVersion: routing.listingVersion,
            pricePerGpuHour: routing.pricePerGpuHour,
            startDeadline: startDeadline,
            candidatesRoot: routing.candidatesRoot,
            recordRoot: routing.recordRoot,
            recordHash: routing.recordHash,
            commitment: commitment
        });
    }

    /// @inheritdoc IJobRegistry
    function start(JobId job) external {
        Job storage stored = _jobs[job];

        // Check
        _checkStatus(job, stored.status, JobStatus.Routed);
        require(msg.sender == stored.provider, NotProvider(job, msg.sender));
        require(block.timestamp <= stored.time, DeadlinePassed(job, stored.time, block.timestamp));

        // Effect
        uint40 startedAt = uint40(block.timestamp);
        stored.status = JobStatus.Running;
        stored.time = startedAt;
        emit JobStarted({job: job, provider: msg.sender, startedAt: startedAt, endsAt: startedAt + stored.duration});
    }

    /// @inheritdoc IJobRegistry
    function complete(JobId job) external {
        Job memory held = _jobs[job];

        // Check
        _checkStatus(job, held.status, JobStatus.Running);
        bool isParty = msg.sender == held.provider || msg.sender == held.requester || _isTeamUser(job, msg.sender);
        require(isParty || block.timestamp > uint256(held.time) + held.duration + GRACE_PERIOD, NotParty(job, msg.sender));

        // Effect
        uint256 ran = block.timestamp - held.time;
        // At most the duration, which is 32 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint32 elapsed = ran < held.duration ? uint32(ran) : held.duration;
        uint64 paid = Metering.due(held.pricePerGpuHour, held.gpuCount, elapsed);
        _end(job, JobStatus.Settled);

        // Interaction
        IProviderRegistry(PROVIDER_REGISTRY).release(held.listing, held.gpuCount);
        uint64 refunded = IEscrow(ESCROW).release(job, Accounts.ofPerson(held.provider), paid);
        emit JobSettled({job: job, provider: held.provider, elapsed: elapsed, paid: paid, refunded: refunded});
    }

    /// @inheritdoc IJobRegistry
    function fail(JobId job) external {
        Job storage stored = _jobs[job];

        // Check
        JobStatus status = _existing(job, stored.status);
        require(status == JobStatus.Routed || status == JobStatus.Running, WrongStatus(job, status));
        require(msg.sender == stored.provider, NotProvider(job, msg.sender));

        // Effect
        _end(job, JobStatus.Failed);

        // Interaction
        uint64 refunded = _refund(job, stored, status);
        emit JobFailed({job: job, provider: msg.sender, refunded: refunded});
    }

    /// @inheritdoc IJobRegistry
    function cancel(JobId job) external {
        Job storage stored = _jobs[job];

        // Check
        JobStatus status = _existing(job, stored.status);
        require(status == JobStatus.Requested || status == JobStatus.Routed, WrongStatus(job, status));
        require(msg.sender == stored.requester || _isTeamUser(job, msg.sender), NotRequester(job, msg.sender));

        // Effect
        _end(job, JobStatus.Cancelled);

        // Interaction
        uint64 refunded = _refund(job, stored, status);
        emit JobCancelled({job: job, refunded: refunded});
    }

    /// @inheritdoc IJobRegistry
    function expire(JobId job) external {
        Job storage stored = _jobs[job];

        // Check
        JobStatus status = _existing(job, stored.status);
        require(status == JobStatus.Requested || status == JobStatus.Routed, WrongStatus(job, status));
        require(block.timestamp > stored.time, DeadlineNotReached(job, stored.time, block.timestamp));

        // Effect
        _end(job, JobStatus.Expired);

        // Interaction
        uint64 refunded = _refund(job, stored, status);
        emit JobExpired({job: job, from: status, refunded: refunded});
    }

    /* VIEWS */

    /// @inheritdoc IJobRegistry
    function getJob(JobId job) external view returns (Job memory held) {
        held = _jobs[job];
        _existing(job, held.status);
    }

    /// @inheritdoc IJobRegistry
    function lockFor(JobRequest calldata request_) public pure returns (uint64) {
        return Metering.ceiling(request_.maxPricePerGpuHour, request_.gpuCount, request_.duration);
    }

    /// @inheritdoc IJobRegistry
    function costOf(uint64 pricePerGpuHour, uint16 gpuCount, uint32 elapsed) external pure returns (uint64) {
        return Metering.due(pricePerGpuHour, gpuCount, elapsed);
    }

    /// @inheritdoc IJobRegistry
    function hashRequest(JobRequest calldata request_) external pure returns (bytes32) {
        return Commitment.ofRequest(request_);
    }

    /// @inheritdoc IJobRegistry
    function commitmentOf(JobId job, bytes32 requestHash, address provider, Routing calldata routing) external pure returns (bytes32) {
        return Commitment.ofRouting(job, requestHash, provider, routing);
    }

    /* INTERNAL */

    function _checkTerms(JobRequest calldata request_) private view {
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

    function _existing(JobId job, JobStatus status) private pure returns (JobStatus) {
        require(status != JobStatus.None, UnknownJob(job));
        return status;
    }

    function _checkStatus(JobId job, JobStatus status, JobStatus required) private pure {
        require(_existing(job, status) == required, WrongStatus(job, status));
    }

    /// The team is in the Escrow's lock, which every job that is not over has.
    function _isTeamUser(JobId job, address caller) private view returns (bool) {
        TeamId team = IEscrow(ESCROW).lockOf(job).payer.teamOf();
        return TeamId.unwrap(team) != 0 && IAccessControl(ACCESS_CONTROL).roleOf(team, caller) >= TeamRole.User;
    }

    function _end(JobId job, JobStatus status) private {
        Job storage stored = _jobs[job];
        stored.status = status;
        stored.time = uint40(block.timestamp);
    }

    /// Gives GPUs and money back in full.
    function _refund(JobId job, Job storage stored, JobStatus from) private returns (uint64) {
        if (from != JobStatus.Requested) IProviderRegistry(PROVIDER_REGISTRY).release(stored.listing, stored.gpuCount);
        return IEscrow(ESCROW).release(job, Account.wrap(0), 0);
    }
}
