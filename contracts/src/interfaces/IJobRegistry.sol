// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JobId, ListingId, TeamId} from "../types/Ids.sol";
import {Job, JobRequest, JobStatus, Meter, Routing, Terms} from "../types/Job.sol";
import {Funding} from "./IEscrow.sol";

/// @title Jobs, from request to payment
/// @notice Requested -> Routed -> Running -> Settled, with Cancelled, Expired, Failed, Disputed and Split beside it. Every wait has a
/// deadline after which anyone may call the way out; nobody can freeze money.
/// @dev One slot a job. What was agreed is kept by its hash and brought along as `Terms`; the events carry it.
interface IJobRegistry {
    /// `requester` is zero for an untracked job. `locked` is micro-USDC. The struct is what has to be brought along to `route`;
    /// `keccak256(abi.encode(request))` is the terms' `requestHash`, the block's time their `requestedAt`; a part of a split job keeps the
    /// whole's.
    event JobRequested(
        JobId indexed job, address indexed requester, TeamId indexed team, string gpuModel, uint64 locked, JobRequest request
    );
    event JobRouted(
        JobId indexed job,
        ListingId indexed listing,
        address indexed provider,
        uint32 listingVersion,
        uint64 pricePerGpuHour,
        uint16 fee,
        address router,
        uint40 startDeadline,
        bytes32 candidatesRoot,
        bytes32 recordRoot,
        bytes32 recordHash,
        bytes32 commitment
    );
    /// A routed job has no place any more and waits for another: its provider declined it, did not start it in time, or the decision was
    /// overturned.
    event JobReopened(JobId indexed job, ListingId indexed listing, address indexed provider, ReopenReason reason);
    /// `parts` jobs from `firstPart` on stand for it; each has its own JobRequested.
    event JobSplit(JobId indexed job, JobId indexed firstPart, uint8 parts, uint64 refunded);
    event JobStarted(JobId indexed job, address indexed provider, uint40 startedAt, uint40 endsAt);
    /// `duration` and `locked` are what stands after the extension.
    event JobExtended(JobId indexed job, uint32 duration, uint64 locked, uint40 endsAt);
    /// `due` is what the provider would be paid had the job been completed now.
    event JobDisputed(JobId indexed job, address indexed provider, uint32 elapsed, uint64 due, bytes32 evidenceHash);
    event EvidenceSubmitted(JobId indexed job, address indexed by, bytes32 evidenceHash);
    event DisputeRuled(JobId indexed job, address indexed arbiter, uint64 paid, bytes32 reasonHash);
    /// `paid` is what leaves the buyer; `fee` of it goes to the treasury, the rest to the provider.
    event JobSettled(JobId indexed job, address indexed provider, uint32 elapsed, uint64 paid, uint64 fee, uint64 refunded);
    event JobCancelled(JobId indexed job, uint64 refunded);
    event JobExpired(JobId indexed job, JobStatus from, uint64 refunded);
    event JobFailed(JobId indexed job, address indexed provider, uint64 refunded);
    /// Signed with or cancelled: what else was signed with it is worth nothing.
    event NonceUsed(address indexed signer, uint256 nonce);
    event Paused(address by);
    event Unpaused(address by);
    event FeeChanged(uint16 fee, address indexed treasury, address by);

    /// Why a routed job lost its place.
    enum ReopenReason {
        Declined,
        NotStarted,
        Overturned
    }

    error UnknownJob(JobId job);
    error WrongStatus(JobId job, JobStatus current);
    /// What was brought along is not what was agreed.
    error TermsMismatch(JobId job, bytes26 expected, bytes26 given);
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
    error NotChallenge(address caller);
    error IsPaused();
    error InvalidFee(uint16 fee, uint16 highest, address treasury);
    error InvalidParts(uint256 parts, uint8 maxParts);
    error PartsMismatch(uint256 sum, uint16 gpuCount);
    error RulingTooHigh(uint64 paid, uint64 due);
    error InvalidSignature(address signer);
    error SignatureExpired(uint256 deadline, uint256 now_);
    /// Another contract was built for another JobRegistry.
    error WrongWiring(address expected, address found);

    function ESCROW() external view returns (address);
    function PROVIDER_REGISTRY() external view returns (address);
    function ACCESS_CONTROL() external view returns (address);
    function CHALLENGE() external view returns (address);
    /// @notice Seconds after a job's full duration in which only its parties may settle it.
    function GRACE_PERIOD() external view returns (uint32);
    /// @notice Seconds after which a dispute that nobody ruled on is settled by the fixed rule.
    function ARBITER_PERIOD() external view returns (uint32);
    /// @notice Basis points of what was due that the provider gets by the fixed rule.
    function SILENCE_SHARE() external view returns (uint16);
    /// @notice Basis points; no fee is ever higher.
    function MAX_FEE() external view returns (uint16);

    /* BUYERS */

    /// @notice Asks for compute and locks the most it can cost. Needs enough available balance in the Escrow.
    function request(JobRequest calldata request_) external returns (JobId job);

    /// @notice Moves money from the caller into its balance, and asks for compute. A team's job is paid by the team all the same.
    function depositAndRequest(Funding calldata funding, JobRequest calldata request_) external returns (JobId job);

    /// @notice Asks for compute in the name and with the money of `requester`, who gave the caller a session key.
    function requestFor(address requester, JobRequest calldata request_) external returns (JobId job);

    /// @notice Asks for compute in the name of `requester`, who signed `Request`. Anyone may bring it and pay the gas.
    /// @param nonce `nonces(requester, key)` of a key of the signer's choice; 0 or a new key is fine for one-time addresses
    /// @param signature EIP-712; 65 bytes of an address, or what an ERC-1271 wallet accepts
    function requestBySignature(address requester, JobRequest calldata request_, uint256 nonce, uint256 deadline, bytes calldata signature)
        external
        returns (JobId job);

    /// @notice Takes back a job that does not run yet. The requester or its session key; of a team's job any User, and the requester's
    /// session key while the requester is one.
    function cancel(JobId job, Terms calldata terms) external;

    /// @notice Takes a job back in the name of its requester, who signed `Cancel` and, of a team's job, still is a User.
    function cancelBySignature(JobId job, Terms calldata terms, uint256 nonce, uint256 deadline, bytes calldata signature) external;

    /// @notice Makes a nonce of the caller's useless, and with it what was signed with it.
    function cancelNonce(uint256 nonce) external;

    /// @notice Lets a running job run longer, at its price, and locks what that can cost. The requester; of a team's job any User instead.
    /// Reverts unless the listing is online, open until then, and not dearer than the job. Attestations and access rules are not asked again.
    function extend(JobId job, Terms calldata terms, uint32 extraSeconds) external;

    /// @notice Stops a running job and its meter, and asks the arbiter. The requester; of a team's job any User instead. Until grace is over.
    function dispute(JobId job, Terms calldata terms, bytes32 evidenceHash) external;

    /* ROUTER */

    /// @notice Gives a job to a listing: a requested one, or one that was not started in time while its route deadline lasts.
    /// Needs ROUTER_ROLE and a bond; reverts unless listing and price are inside every limit.
    function route(JobId job, Terms calldata terms, JobRequest calldata request_, Routing calldata routing) external;

    /// @notice Turns a requested job into several, one for each count, that are routed and settled each for itself. Needs what `route` needs.
    /// @return firstPart the parts have consecutive ids from here on
    function split(JobId job, Terms calldata terms, JobRequest calldata request_, uint16[] calldata gpuCounts)
        external
        returns (JobId firstPart);

    /// @notice Looks again whether `router` has ROUTER_ROLE and a bond. AccessControl and the Escrow call it when either changes; anyone may.
    function refreshRouter(address router) external;

    /* PROVIDERS: whom the job pays, or who may operate the listing now (its provider's owner and delegates) */

    /// @notice The provider says that the job runs. Metering begins.
    function start(JobId job, Terms calldata terms) external;

    /// @notice The provider does not take a routed job. It waits for another place until its route deadline.
    function decline(JobId job, Terms calldata terms) external;

    /// @notice The provider gives a running or disputed job up: nothing is paid, all is refunded.
    function fail(JobId job, Terms calldata terms) external;

    /* WAYS OUT */

    /// @notice Ends a running job and pays for the seconds it ran, at most its duration. The provider, its delegates and the requester,
    /// of a team's job any User instead, at any time; anyone once duration and grace are over. The buyer may so end its own dispute,
    /// too: then all that was due is paid.
    function complete(JobId job, Terms calldata terms) external;

    /// @notice Ends a job that was not routed before its route deadline, or not started before that and its start deadline, and refunds it.
    /// Anyone.
    function expire(JobId job, Terms calldata terms) external;

    /* DISPUTES */

    /// @notice Adds to a dispute. Either party.
    function submitEvidence(JobId job, Terms calldata terms, bytes32 evidenceHash) external;

    /// @notice Ends a dispute: `paid` of what was due goes to the provider, the rest back. Needs ARBITER_ROLE.
    function rule(JobId job, Terms calldata terms, uint64 paid, bytes32 reasonHash) external;

    /// @notice Ends a dispute that nobody ruled on in time: SILENCE_SHARE of what was due is paid. Anyone; until somebody does, a ruling
    /// still counts.
    function resolve(JobId job, Terms calldata terms) external;

    /// @notice A decision was proved wrong: a job that does not run yet loses its place. Only the Challenge contract.
    /// @return reopened whether it did
    function overturn(JobId job, Terms calldata terms) external returns (bool reopened);

    /* PLATFORM */

    /// @notice Stops new requests and routes. Every way out stays open. Needs PAUSER_ROLE.
    function pause() external;

    /// @notice Needs PAUSER_ROLE.
    function unpause() external;

    /// @notice Sets the fee of jobs routed from now on, and who gets all fees. Needs the administrator.
    function setFee(uint16 fee, address treasury) external;

    /* VIEWS */

    function getJob(JobId job) external view returns (Job memory);

    /// @notice Reverts unless the terms are what the job stands for.
    function checkTerms(JobId job, Terms calldata terms) external view;

    function jobCount() external view returns (uint64);

    function paused() external view returns (bool);

    /// @notice Basis points and receiver of the fee of jobs routed now.
    function currentFee() external view returns (uint16 fee, address treasury);

    /// @notice The meter of a job that was disputed, as it stood then.
    function meterOf(JobId job) external view returns (Meter memory);

    /// @notice What a request locks: micro-USDC, rounded up, for each part that it may be split into.
    function lockFor(JobRequest calldata request_) external pure returns (uint64);

    /// @notice What a job would be paid if it ended after `elapsed` seconds: micro-USDC, rounded down.
    function costOf(uint64 pricePerGpuHour, uint16 gpuCount, uint32 elapsed) external pure returns (uint64);

    /// @notice `keccak256(abi.encode(request))`.
    function hashRequest(JobRequest calldata request_) external pure returns (bytes32);

    /// @notice The first 26 bytes of `keccak256(abi.encode(terms))`: what is stored.
    function hashTerms(Terms calldata terms) external pure returns (bytes26);

    /// @notice Binds job, request, listing, version, provider, price and the decision's three hashes. Part of the terms once routed.
    function commitmentOf(JobId job, bytes32 requestHash, address provider, Routing calldata routing) external pure returns (bytes32);
}
