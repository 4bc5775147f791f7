// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JobId, ListingId, TeamId} from "../types/Ids.sol";
import {Job, JobRequest, JobStatus, Routing} from "../types/Job.sol";

/// @title Jobs, from request to payment
/// @notice Requested -> Routed -> Running -> Settled, with Cancelled, Expired and Failed beside it. Every wait has a deadline after which
/// anyone may call the way out; nobody can freeze money.
interface IJobRegistry {
    /// `requester` is zero for an untracked job. `locked` is micro-USDC. The struct is what has to be brought along to `route`.
    event JobRequested(
        JobId indexed job, address indexed requester, TeamId indexed team, string gpuModel, uint64 locked, JobRequest request
    );
    event JobRouted(
        JobId indexed job,
        ListingId indexed listing,
        address indexed provider,
        uint32 listingVersion,
        uint64 pricePerGpuHour,
        uint40 startDeadline,
        bytes32 candidatesRoot,
        bytes32 recordRoot,
        bytes32 recordHash,
        bytes32 commitment
    );
    event JobStarted(JobId indexed job, address indexed provider, uint40 startedAt, uint40 endsAt);
    /// `elapsed` is the seconds paid for.
    event JobSettled(JobId indexed job, address indexed provider, uint32 elapsed, uint64 paid, uint64 refunded);
    event JobCancelled(JobId indexed job, uint64 refunded);
    event JobExpired(JobId indexed job, JobStatus from, uint64 refunded);
    event JobFailed(JobId indexed job, address indexed provider, uint64 refunded);

    error UnknownJob(JobId job);
    error WrongStatus(JobId job, JobStatus current);
    error ZeroGpuModel();
    error ZeroGpuCount();
    error InvalidDuration(uint32 duration, uint32 shortest, uint32 longest);
    error InvalidStartWindow(uint32 startWindow, uint32 shortest, uint32 longest);
    error ZeroMaxPrice();
    error InvalidRouteDeadline(uint40 routeDeadline, uint256 earliest, uint256 latest);
    error WeightTooLarge(uint16 weight);
    /// A team's name would give an untracked job away.
    error UntrackedTeamJob(TeamId team);
    error AmountTooLarge(uint256 amount);
    error RequestMismatch(JobId job, bytes32 expected, bytes32 given);
    error ZeroRecord();
    error DeadlinePassed(JobId job, uint256 deadline, uint256 now_);
    error DeadlineNotReached(JobId job, uint256 deadline, uint256 now_);
    error NotRequester(JobId job, address caller);
    error NotProvider(JobId job, address caller);
    error NotParty(JobId job, address caller);
    /// The ProviderRegistry was built for another JobRegistry.
    error WrongWiring(address expected, address found);

    function ESCROW() external view returns (address);
    function PROVIDER_REGISTRY() external view returns (address);
    function ACCESS_CONTROL() external view returns (address);
    /// @notice Seconds after a job's full duration in which only its parties may settle it.
    function GRACE_PERIOD() external view returns (uint32);

    /// @notice Asks for compute and locks the most it can cost. Needs enough available balance in the Escrow.
    function request(JobRequest calldata request_) external returns (JobId job);

    /// @notice Gives a requested job to a listing. Needs ROUTER_ROLE; reverts unless listing and price are inside every limit.
    function route(JobId job, JobRequest calldata request_, Routing calldata routing) external;

    /// @notice The provider says that the job runs. Metering begins.
    function start(JobId job) external;

    /// @notice Ends a running job and pays for the seconds it ran, at most its duration. The provider, the requester and, of a team's
    /// job, any User of the team at any time; anyone once duration and grace are over.
    function complete(JobId job) external;

    /// @notice The provider gives a routed or running job up: nothing is paid, all is refunded.
    function fail(JobId job) external;

    /// @notice The requester takes back a job that does not run yet. A team's job: any User of the team.
    function cancel(JobId job) external;

    /// @notice Ends a job that was not routed or not started in time and refunds it. Anyone.
    function expire(JobId job) external;

    function getJob(JobId job) external view returns (Job memory);

    function jobCount() external view returns (uint64);

    /// @notice What a request locks: micro-USDC, rounded up.
    function lockFor(JobRequest calldata request_) external pure returns (uint64);

    /// @notice What a job would be paid if it ended after `elapsed` seconds: micro-USDC, rounded down.
    function costOf(uint64 pricePerGpuHour, uint16 gpuCount, uint32 elapsed) external pure returns (uint64);

    /// @notice `keccak256(abi.encode(request))`, what is stored until the job is routed.
    function hashRequest(JobRequest calldata request_) external pure returns (bytes32);

    /// @notice What is stored once routed: binds job, request, listing, version, provider, price and the decision's three hashes.
    function commitmentOf(JobId job, bytes32 requestHash, address provider, Routing calldata routing) external pure returns (bytes32);
}
