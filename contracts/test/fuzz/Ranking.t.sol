// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ranking} from "../../src/libraries/Ranking.sol";
import {Candidate} from "../../src/types/Candidate.sol";
import {JobRequest} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title AGT-09: the order on chain against one that is written as it is read: a list of numbers, the first that differs decides
contract RankingFuzzTest is Base {
    /// Pairs of each run: 256 runs compare 10,240, the 10,000 of the profile `deep` 400,000.
    uint256 private constant PAIRS = 40;

    /* THE REFERENCE */

    /// Score, price, uptime, latency, rating: the smaller the better.
    function keysOf(uint256[4] memory weights, uint256[5] memory line) private pure returns (uint256[5] memory keys) {
        uint256 sum = 0;
        for (uint256 i = 0; i < 4; ++i) {
            sum += weights[i] * line[i + 1];
        }
        uint256 factor = 10_000 + (sum - sum % 10_000) / 10_000;
        uint256 scaled = line[0] * factor;
        keys = [(scaled - scaled % 10_000) / 10_000, line[0], line[1], line[2], line[3]];
    }

    function orderOf(uint256[5] memory a, uint256[5] memory b) private pure returns (int8) {
        for (uint256 i = 0; i < 5; ++i) {
            if (a[i] < b[i]) return -1;
            if (a[i] > b[i]) return 1;
        }
        return 0;
    }

    /* WHAT IS DRAWN */

    function requestWith(uint256[4] memory weights) private pure returns (JobRequest memory asked) {
        asked.uptimeWeight = uint16(weights[0]);
        asked.latencyWeight = uint16(weights[1]);
        asked.ratingWeight = uint16(weights[2]);
        asked.riskWeight = uint16(weights[3]);
    }

    function lineOf(uint256[5] memory numbers, bytes32 name) private pure returns (Candidate memory line) {
        line.keyHash = name;
        line.listing = uint32(uint256(name));
        line.price = uint64(numbers[0]);
        line.uptimeDistance = uint16(numbers[1]);
        line.latencyDistance = uint16(numbers[2]);
        line.ratingDistance = uint16(numbers[3]);
        line.riskDistance = uint16(numbers[4]);
        // Never read: the contract computes its own.
        line.score = uint128(uint256(name));
    }

    /// Numbers of a line. By `style` from all there are, or from so few that ties are common.
    function numbersFrom(uint256 seed, uint256 style) private pure returns (uint256[5] memory numbers) {
        uint256 top = style == 0 ? type(uint64).max : style == 1 ? 3_000_000 : 3;
        uint256 worst = style == 2 ? 2 : 10_001;
        numbers[0] = uint64(seed) % top;
        for (uint256 i = 1; i < 5; ++i) {
            numbers[i] = uint32(seed >> (64 + 32 * (i - 1))) % worst * (style == 2 ? 5_000 : 1);
        }
    }

    function weightsFrom(uint256 seed, uint256 style) private pure returns (uint256[4] memory weights) {
        for (uint256 i = 0; i < 4; ++i) {
            weights[i] = uint32(seed >> (32 * i)) % (style == 2 ? 2 : 10_001);
        }
    }

    /* COMPARED */

    function testFuzz_AGT09_order_agreesWithThePlainOne(uint256 seed) public view {
        uint256[4] memory weights = weightsFrom(uint256(keccak256(abi.encode(seed, "weights"))), seed % 3);
        this.comparePairs(requestWith(weights), weights, seed);
    }

    /// A call of its own, so that the request is calldata as it is on chain.
    function comparePairs(JobRequest calldata asked, uint256[4] memory weights, uint256 seed) external pure {
        uint256 end;
        assembly ("memory-safe") {
            end := mload(0x40)
        }
        for (uint256 i = 0; i < PAIRS; ++i) {
            comparePair(asked, weights, uint256(keccak256(abi.encode(seed, i))), seed % 3);
            // Nothing of a pair is needed after it.
            assembly ("memory-safe") {
                mstore(0x40, end)
            }
        }
    }

    function comparePair(JobRequest calldata asked, uint256[4] memory weights, uint256 seed, uint256 style) private pure {
        uint256[5] memory a = numbersFrom(seed, style);
        uint256[5] memory b = numbersFrom(uint256(keccak256(abi.encode(seed))), style);
        // A third of the pairs differ in one number only.
        if (seed % 3 == 0) {
            uint256 keep = (seed >> 8) % 5;
            for (uint256 i = 0; i < 5; ++i) {
                if (i != keep) b[i] = a[i];
            }
        }
        (uint256[5] memory keysOfA, uint256[5] memory keysOfB) = (keysOf(weights, a), keysOf(weights, b));
        (Candidate memory first, Candidate memory second) = (lineOf(a, bytes32(seed)), lineOf(b, bytes32(~seed)));
        require(Ranking.scoreOf(asked, first) == keysOfA[0], "score");
        int8 wanted = orderOf(keysOfA, keysOfB);
        require(Ranking.compare(asked, first, second) == wanted, "order");
        require(Ranking.compare(asked, second, first) == -wanted, "order the other way");
    }

    /// And the deployed contract says what its library says, of any numbers that fit.
    function testFuzz_AGT09_challenge_agreesWithThePlainOne(
        uint16[4] memory drawnWeights,
        uint64[2] memory prices,
        uint16[4] memory distances,
        uint16[4] memory others
    ) public view {
        uint256[4] memory weights;
        uint256[5] memory a;
        uint256[5] memory b;
        (a[0], b[0]) = (prices[0], prices[1]);
        for (uint256 i = 0; i < 4; ++i) {
            (weights[i], a[i + 1], b[i + 1]) = (drawnWeights[i], distances[i], others[i]);
        }
        JobRequest memory asked = requestWith(weights);
        uint256[5] memory keys = keysOf(weights, a);
        assertEq(challenges.scoreOf(asked, lineOf(a, "a")), keys[0]);
        assertEq(challenges.compare(asked, lineOf(a, "a"), lineOf(b, "b")), orderOf(keys, keysOf(weights, b)));
        assertEq(challenges.compare(asked, lineOf(a, "a"), lineOf(a, "b")), 0);
    }
}
