// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice One line of a decision's ranking, as the candidates' tree holds it.
struct Candidate {
    /// keccak256 of the offer's key.
    bytes32 keyHash;
    /// 0 for an offer that nobody fulfils through Necto.
    uint32 listing;
    uint32 listingVersion;
    /// Micro-USD per GPU-hour.
    uint64 price;
    /// Basis points from perfect; unknown counts as 10,000.
    uint16 uptimeDistance;
    uint16 latencyDistance;
    uint16 ratingDistance;
    uint16 riskDistance;
    /// Micro-USD, as the decision computed it. The contract computes its own.
    uint128 score;
}
