// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {IChallenge} from "./interfaces/IChallenge.sol";
import {IEscrow} from "./interfaces/IEscrow.sol";
import {IJobRegistry} from "./interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";
import {Accounts} from "./libraries/Accounts.sol";
import {Commitment} from "./libraries/Commitment.sol";
import {Ranking} from "./libraries/Ranking.sol";
import {Candidate} from "./types/Candidate.sol";
import {Account, JobId, ListingId} from "./types/Ids.sol";
import {JobRequest, Routing, Terms} from "./types/Job.sol";
import {Listing} from "./types/Listing.sol";

/// @dev Calls only contracts that are fixed for ever; no token moves, so nothing can reenter.
contract Challenge is IChallenge {
    uint16 private constant WORST = 10_000;

    /// @inheritdoc IChallenge
    uint40 public constant CHALLENGE_WINDOW = 2 days;
    /// @inheritdoc IChallenge
    uint40 public constant DECISION_TIME = 10 minutes;
    /// @inheritdoc IChallenge
    uint96 public constant PENALTY = 50e6;
    /// @inheritdoc IChallenge
    uint96 public constant STAKE = 5e6;

    /// @inheritdoc IChallenge
    address public immutable JOB_REGISTRY;
    /// @inheritdoc IChallenge
    address public immutable PROVIDER_REGISTRY;
    /// @inheritdoc IChallenge
    address public immutable ESCROW;

    mapping(bytes32 commitment => bool) private _upheld;

    /// @param jobRegistry has to be deployed already, for this very Challenge
    /// @param escrow has to be deployed already, for this very Challenge
    constructor(address jobRegistry, address providerRegistry, address escrow) {
        IJobRegistry jobs = IJobRegistry(jobRegistry);
        _checkWiring(address(this), jobs.CHALLENGE());
        _checkWiring(address(this), IEscrow(escrow).CHALLENGE());
        _checkWiring(providerRegistry, jobs.PROVIDER_REGISTRY());
        _checkWiring(escrow, jobs.ESCROW());
        JOB_REGISTRY = jobRegistry;
        PROVIDER_REGISTRY = providerRegistry;
        ESCROW = escrow;
    }

    /// @inheritdoc IChallenge
    function challengeRanking(Decision calldata decision, Leaf calldata chosen, Leaf calldata better) external returns (bool) {
        // Check
        _checkDecision(decision);
        _checkChosen(decision, chosen);
        _checkLeaf(decision, better);
        if (better.candidate.listing == 0) return _reject(decision, Reason.NotRoutable);

        return _judge(decision, chosen.candidate, better.candidate);
    }

    /// @inheritdoc IChallenge
    function challengeListing(Decision calldata decision, Leaf calldata chosen, ListingId better) external returns (bool) {
        // Check
        _checkDecision(decision);
        require(decision.request.policyHash == 0, PolicyNotJudged(decision.request.policyHash));
        bool isShown = chosen.candidate.listing != 0;
        if (isShown) _checkChosen(decision, chosen);
        IProviderRegistry registry = IProviderRegistry(PROVIDER_REGISTRY);
        Listing memory listing = registry.getListing(better);
        Terms calldata terms = decision.terms;
        require(listing.touchedAt < terms.requestedAt, ListingTouched(better, listing.touchedAt, terms.requestedAt));
        // Between looking at the market and routing goes some time, in which a window can open or a tier begin: both ends have to be better.
        uint256 earliest = uint256(terms.requestedAt) + DECISION_TIME;
        uint40 decidedAt = terms.routedAt > earliest ? terms.routedAt - DECISION_TIME : terms.requestedAt;
        uint64 before = registry.quote(better, decision.request, terms.requestedAt, decidedAt);
        uint64 price = registry.quote(better, decision.request, terms.requestedAt, terms.routedAt);

        // A router that committed to a tree without its choice, or that keeps the tree to itself, answers for the price all the same.
        Candidate memory routed = isShown ? chosen.candidate : _bestOf(decision.routing);
        return _judge(decision, routed, _worstOf(better, listing.version, price > before ? price : before));
    }

    /// @inheritdoc IChallenge
    function isUpheld(bytes32 commitment) external view returns (bool) {
        return _upheld[commitment];
    }

    /// @inheritdoc IChallenge
    function scoreOf(JobRequest calldata request, Candidate calldata candidate) external pure returns (uint128) {
        return Ranking.scoreOf(request, candidate);
    }

    /// @inheritdoc IChallenge
    function compare(JobRequest calldata request, Candidate calldata a, Candidate calldata b) external pure returns (int8) {
        return Ranking.compare(request, a, b);
    }

    /// @dev Reverts unless all that was brought along is this job's newest decision, and it can still be challenged.
    function _checkDecision(Decision calldata decision) private view {
        Terms calldata terms = decision.terms;
        IJobRegistry(JOB_REGISTRY).checkTerms(decision.job, terms);
        bytes32 requestHash = Commitment.ofRequest(decision.request);
        require(terms.requestHash == requestHash, RequestMismatch(decision.job, terms.requestHash, requestHash));
        bytes32 given = Commitment.ofRouting(decision.job, requestHash, terms.provider, decision.routing);
        require(terms.commitment == given, CommitmentMismatch(decision.job, terms.commitment, given));
        uint256 closesAt = uint256(terms.routedAt) + CHALLENGE_WINDOW;
        require(block.timestamp <= closesAt, WindowClosed(decision.job, closesAt, block.timestamp));
        require(!_upheld[given], AlreadyUpheld(decision.job, given));
    }

    function _checkChosen(Decision calldata decision, Leaf calldata chosen) private pure {
        _checkLeaf(decision, chosen);
        Candidate calldata candidate = chosen.candidate;
        bool isRouted = candidate.listing == ListingId.unwrap(decision.routing.listing)
            && candidate.listingVersion == decision.routing.listingVersion && candidate.price == decision.routing.pricePerGpuHour;
        require(isRouted, NotTheChosen(decision.routing.listing, decision.routing.pricePerGpuHour));
    }

    function _checkLeaf(Decision calldata decision, Leaf calldata leaf) private pure {
        bytes32 hash = Ranking.leafOf(leaf.candidate);
        bytes32 root = decision.routing.candidatesRoot;
        require(MerkleProof.verifyCalldata(leaf.proof, root, hash), NotACandidate(root, hash));
    }

    /// @return best what was routed as the ranking would hold it if its quality were perfect: no honest line comes before it
    function _bestOf(Routing calldata routing) private pure returns (Candidate memory best) {
        best.listing = ListingId.unwrap(routing.listing);
        best.listingVersion = routing.listingVersion;
        best.price = routing.pricePerGpuHour;
    }

    /// @return the listing as the ranking would hold it if nothing were known of its quality
    function _worstOf(ListingId listing, uint32 version, uint64 price) private pure returns (Candidate memory) {
        return Candidate({
            keyHash: 0,
            listing: ListingId.unwrap(listing),
            listingVersion: version,
            price: price,
            uptimeDistance: WORST,
            latencyDistance: WORST,
            ratingDistance: WORST,
            riskDistance: WORST,
            score: 0
        });
    }

    function _judge(Decision calldata decision, Candidate memory chosen, Candidate memory better) private returns (bool) {
        if (Ranking.compare(decision.request, better, chosen) >= 0) return _reject(decision, Reason.NotBetter);

        // Effect
        Terms calldata terms = decision.terms;
        emit ChallengeUpheld({
            job: decision.job,
            challenger: msg.sender,
            router: terms.router,
            better: ListingId.wrap(better.listing),
            chosenScore: Ranking.scoreOf(decision.request, chosen),
            betterScore: Ranking.scoreOf(decision.request, better)
        });

        // Interaction
        Account buyer = Accounts.ofPayer(terms.requester, terms.team);
        IEscrow(ESCROW).slash(terms.router, decision.job, PENALTY, Accounts.ofPerson(msg.sender), PENALTY / 2, buyer);
        bool reopened = IJobRegistry(JOB_REGISTRY).overturn(decision.job, terms);
        // A reopened job has no decision any more; if it is given the very same one again, that is wrong again.
        if (!reopened) _upheld[terms.commitment] = true;
        return true;
    }

    function _reject(Decision calldata decision, Reason reason) private returns (bool) {
        // Effect
        address router = decision.terms.router;
        emit ChallengeRejected({job: decision.job, challenger: msg.sender, router: router, reason: reason});

        // Interaction
        IEscrow(ESCROW).forfeit(msg.sender, decision.job, STAKE, router);
        return false;
    }

    function _checkWiring(address wanted, address found) private pure {
        require(found == wanted, WrongWiring(wanted, found));
    }
}
