// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Candidate} from "../types/Candidate.sol";
import {JobRequest} from "../types/Job.sol";

/// @title The order of a decision's candidates, as `core` computes it
library Ranking {
    uint256 private constant BASIS = 10_000;

    /// @return `price × (10,000 + Σ weight × distance ÷ 10,000) ÷ 10,000`, each division rounded down: micro-USD
    function scoreOf(JobRequest calldata request, Candidate memory candidate) internal pure returns (uint128) {
        uint256 weighed = uint256(request.uptimeWeight) * candidate.uptimeDistance + uint256(request.latencyWeight)
            * candidate.latencyDistance + uint256(request.ratingWeight) * candidate.ratingDistance + uint256(request.riskWeight)
            * candidate.riskDistance;
        // 64 bits of price times 34 of penalties at most.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint128(uint256(candidate.price) * (BASIS + weighed / BASIS) / BASIS);
    }

    /// @return order -1 when `a` comes before `b`, 1 when after it, 0 when what the tree does not hold decides: what is known, and the names
    function compare(JobRequest calldata request, Candidate memory a, Candidate memory b) internal pure returns (int8 order) {
        order = _byValue(scoreOf(request, a), scoreOf(request, b));
        if (order == 0) order = _byValue(a.price, b.price);
        if (order == 0) order = _byValue(a.uptimeDistance, b.uptimeDistance);
        if (order == 0) order = _byValue(a.latencyDistance, b.latencyDistance);
        if (order == 0) order = _byValue(a.ratingDistance, b.ratingDistance);
    }

    /// @return the leaf of OpenZeppelin's standard tree: hashed twice, so that no inner hash of the tree can pass for a leaf
    function leafOf(Candidate memory candidate) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(candidate))));
    }

    function _byValue(uint256 a, uint256 b) private pure returns (int8) {
        return a < b ? int8(-1) : a > b ? int8(1) : int8(0);
    }
}
