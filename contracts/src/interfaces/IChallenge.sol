// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Candidate} from "../types/Candidate.sol";
import {JobId, ListingId} from "../types/Ids.sol";
import {JobRequest, Routing, Terms} from "../types/Job.sol";

/// @title Routing decisions that can be proved wrong
/// @notice Whoever shows that the committed candidates held a better offer, or that a better listing stood in the registry, is paid from the
/// router's bond, and so is the buyer. The order is computed here, by the formula of the off-chain engine. A challenge decides in the
/// same call, never stops a job's way out, and can succeed once for a job's every routing.
interface IChallenge {
    /// @notice A decision as it was published, to be brought along.
    struct Decision {
        JobId job;
        Terms terms;
        JobRequest request;
        Routing routing;
    }

    /// @notice A line of the ranking and its Merkle proof against `candidatesRoot`.
    struct Leaf {
        Candidate candidate;
        bytes32[] proof;
    }

    /// `better` is the listing that should have been chosen.
    event ChallengeUpheld(
        JobId indexed job, address indexed challenger, address indexed router, ListingId better, uint128 chosenScore, uint128 betterScore
    );
    event ChallengeRejected(JobId indexed job, address indexed challenger, address indexed router, Reason reason);

    /// Why a challenge has no cause. Nothing that anybody can change while it is under way.
    enum Reason {
        /// The other offer does not come before the chosen one.
        NotBetter,
        /// Nobody fulfils the other offer through Necto.
        NotRoutable
    }

    /// What was brought along is not the decision of this job, or not a line of its ranking.
    error CommitmentMismatch(JobId job, bytes32 expected, bytes32 given);
    error RequestMismatch(JobId job, bytes32 expected, bytes32 given);
    error NotACandidate(bytes32 root, bytes32 leaf);
    /// The first line has to be the one that was routed.
    error NotTheChosen(ListingId chosen, uint64 price);
    error WindowClosed(JobId job, uint256 closedAt, uint256 now_);
    error AlreadyUpheld(JobId job, bytes32 commitment);
    /// Only decisions by the default policy can be compared with the registry: another policy may exclude what the contract does not see.
    error PolicyNotJudged(bytes32 policyHash);
    /// The listing, or what is reserved of it, changed since the job was requested: what it was then is not known here. Others can bring that
    /// about while a challenge is under way, so it costs no stake.
    error ListingTouched(ListingId listing, uint40 touchedAt, uint40 requestedAt);
    error WrongWiring(address expected, address found);

    function JOB_REGISTRY() external view returns (address);
    function PROVIDER_REGISTRY() external view returns (address);
    function ESCROW() external view returns (address);
    /// @notice Seconds after the routing in which it can be challenged.
    function CHALLENGE_WINDOW() external view returns (uint40);
    /// @notice Seconds that an honest router may need between looking at the market and routing.
    function DECISION_TIME() external view returns (uint40);
    /// @notice Micro-USDC taken from the bond for a wrong decision: half to the challenger, half to the buyer.
    function PENALTY() external view returns (uint96);
    /// @notice Micro-USDC that a challenge without cause costs its caller, from its available balance. It goes to the router.
    function STAKE() external view returns (uint96);

    /// @notice Shows two lines of the committed ranking: the chosen one, and a routable one that comes before it.
    /// @return upheld false when the challenge has no cause: then it cost STAKE
    function challengeRanking(Decision calldata decision, Leaf calldata chosen, Leaf calldata better) external returns (bool upheld);

    /// @notice Names a listing of the registry that has not changed since before the job was requested, fits it and comes before the
    /// chosen one, with every unknown quality counted as the worst, both when the job was routed and DECISION_TIME before. Reverts, as
    /// `ProviderRegistry.quote` does, where it cannot be compared.
    /// @param chosen the routed line; with listing 0, where the tree does not hold it or nobody shows it, it counts as perfect in all qualities
    /// @return upheld false when the challenge has no cause: then it cost STAKE
    function challengeListing(Decision calldata decision, Leaf calldata chosen, ListingId better) external returns (bool upheld);

    /// @notice Whether the decision of a job that ran or was over when it was proved wrong has been paid for.
    function isUpheld(bytes32 commitment) external view returns (bool);

    /// @notice `price × (10,000 + Σ weight × distance ÷ 10,000) ÷ 10,000`, each division rounded down: micro-USD.
    function scoreOf(JobRequest calldata request, Candidate calldata candidate) external pure returns (uint128);

    /// @notice -1 when `a` comes before `b` for this request, 1 when after it, 0 when only the offers' names decide.
    function compare(JobRequest calldata request, Candidate calldata a, Candidate calldata b) external pure returns (int8);
}
