// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Account, JobId, TeamId} from "../types/Ids.sol";

/// @title All money of Necto: one immutable USDC, balances inside, locks by job
/// @notice Deposit once, request many. A job's lock leaves only by its settlement: to the provider what is due, the rest back to the
/// payer, in the same call. Payouts are pulled, so that one blacklisted receiver blocks nobody else. There is no administrator.
interface IEscrow {
    /// @notice What an account holds, in micro-USDC.
    struct Balance {
        // slot 0
        uint128 available;
        uint128 locked;
    }

    /// @notice What a job holds, in micro-USDC.
    struct Lock {
        // slot 0
        Account payer;
        uint64 amount;
    }

    event Deposited(Account indexed account, address indexed from, uint256 amount);
    event Withdrawn(Account indexed account, address indexed to, uint256 amount, address by);
    event Locked(JobId indexed job, Account indexed payer, uint64 amount);
    event Released(JobId indexed job, Account indexed payer, Account indexed payee, uint64 paid, uint64 refunded);

    error NotJobRegistry(address caller);
    error ZeroAmount();
    error ZeroReceiver();
    error ZeroAccount();
    /// Neither a person's nor a team's: money in there could never leave.
    error InvalidAccount(Account account);
    /// The team is not made yet: whoever makes it would own the money.
    error UnknownTeam(TeamId team);
    /// The JobRegistry was built for another Escrow.
    error WrongWiring(address expected, address found);
    error InsufficientBalance(Account account, uint256 available, uint256 required);
    error AlreadyLocked(JobId job);
    error NothingLocked(JobId job);
    error PaidExceedsLock(JobId job, uint64 paid, uint64 locked);
    /// The token moved another amount than it was told to: a fee or a lie.
    error UnexpectedTransfer(uint256 expected, uint256 received);

    /// @notice The one token that this contract holds.
    function USDC() external view returns (address);

    /// @notice The only caller of `lock` and `release`.
    function JOB_REGISTRY() external view returns (address);

    /// @notice Knows who is a team's Admin.
    function ACCESS_CONTROL() external view returns (address);

    /// @notice Moves `amount` micro-USDC from the caller into the caller's balance. Needs an allowance.
    function deposit(uint256 amount) external;

    /// @notice Moves `amount` micro-USDC from the caller into the balance of `account`: a gift to a person or a team.
    function depositTo(Account account, uint256 amount) external;

    /// @notice Pays `amount` of the caller's available balance out to `to`.
    function withdraw(uint256 amount, address to) external;

    /// @notice Pays `amount` of a team's available balance out to `to`. Needs the team's Admin.
    function withdrawFromTeam(TeamId team, uint256 amount, address to) external;

    /// @notice Locks `amount` of the payer's available balance for a job. Only the JobRegistry.
    function lock(JobId job, Account payer, uint64 amount) external;

    /// @notice Ends a job's lock: `paid` to `payee`, the rest to the payer. Only the JobRegistry.
    /// @return refunded what went back to the payer
    function release(JobId job, Account payee, uint64 paid) external returns (uint64 refunded);

    function balanceOf(Account account) external view returns (Balance memory);

    function lockOf(JobId job) external view returns (Lock memory);

    /// @notice The account of a person.
    function accountOf(address person) external pure returns (Account);

    /// @notice The account of a team.
    function accountOfTeam(TeamId team) external pure returns (Account);
}
