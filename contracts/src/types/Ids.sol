// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Identifies a job in the JobRegistry. Starts at 1; 0 is never a job.
type JobId is uint64;

/// @notice Identifies a listing in the ProviderRegistry. Starts at 1; 0 is never a listing.
type ListingId is uint32;

/// @notice Identifies a provider in the ProviderRegistry. Starts at 1; 0 is never a provider.
type ProviderId is uint32;

/// @notice Identifies a team in AccessControl. Starts at 1; 0 means "no team".
type TeamId is uint32;

/// @notice A holder of money in the Escrow: a person (the address) or a team (`teamId << 160`, address bits zero).
type Account is uint192;
