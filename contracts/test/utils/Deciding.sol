// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IChallenge} from "../../src/interfaces/IChallenge.sol";
import {Candidate} from "../../src/types/Candidate.sol";
import {JobId, ListingId} from "../../src/types/Ids.sol";
import {JobRequest, Routing} from "../../src/types/Job.sol";
import {Base} from "./Base.sol";

/// @title Decisions with a ranking behind them, as the agent publishes them
/// @dev The tree is built here, for up to four leaves, by the rules of OpenZeppelin's standard tree.
abstract contract Deciding is Base {
    uint64 internal constant PENALTY = 50 * USD;
    uint64 internal constant STAKE = 5 * USD;

    /// The lines of the ranking that the next routing commits to.
    Candidate[] internal ranking;

    function candidate(ListingId of_, uint64 price, uint16 distance) internal view returns (Candidate memory) {
        bool isListed = ListingId.unwrap(of_) != 0;
        return Candidate({
            keyHash: keccak256(abi.encode("offer", of_, price, distance)),
            listing: ListingId.unwrap(of_),
            listingVersion: isListed ? providers.getListing(of_).version : 0,
            price: price,
            uptimeDistance: distance,
            latencyDistance: distance,
            ratingDistance: distance,
            riskDistance: distance,
            score: 0
        });
    }

    function leafHash(Candidate memory line) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(line))));
    }

    function pairHash(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(bytes.concat(a, b)) : keccak256(bytes.concat(b, a));
    }

    /// Four leaves; those that the ranking lacks are zero hashes, which no line has.
    function leaves() private view returns (bytes32[4] memory hashes) {
        for (uint256 i = 0; i < ranking.length; ++i) {
            hashes[i] = leafHash(ranking[i]);
        }
    }

    function rankingRoot() internal view returns (bytes32) {
        bytes32[4] memory hashes = leaves();
        return pairHash(pairHash(hashes[0], hashes[1]), pairHash(hashes[2], hashes[3]));
    }

    function leafAt(uint256 index) internal view returns (IChallenge.Leaf memory leaf) {
        bytes32[4] memory hashes = leaves();
        leaf.candidate = ranking[index];
        leaf.proof = new bytes32[](2);
        leaf.proof[0] = hashes[index ^ 1];
        leaf.proof[1] = index < 2 ? pairHash(hashes[2], hashes[3]) : pairHash(hashes[0], hashes[1]);
    }

    /// The routing to the ranking's line `chosen`.
    function routingBy(uint256 chosen) internal view returns (Routing memory routing) {
        Candidate memory line = ranking[chosen];
        routing = routingTo(ListingId.wrap(line.listing), line.price);
        routing.candidatesRoot = rankingRoot();
    }

    /// What was decided for the job, as anyone can read it from the events.
    function decisionOf(JobId job, JobRequest memory asked, Routing memory routing)
        internal
        view
        returns (IChallenge.Decision memory decision)
    {
        decision.job = job;
        decision.terms = termsOf(job);
        decision.request = asked;
        decision.routing = routing;
    }

    /// Money for a stake.
    function stake(address challenger) internal {
        fund(challenger);
        vm.prank(challenger);
        escrow.deposit(10 * STAKE);
    }
}
