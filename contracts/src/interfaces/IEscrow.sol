// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Account, JobId, TeamId} from "../types/Ids.sol";

/// @notice How money comes in.
enum FundingMethod {
    /// ERC-20 allowance, given before.
    Allowance,
    /// ERC-2612. A permit that somebody else used first does no harm: its allowance counts.
    Permit,
    /// ERC-3009 `receiveWithAuthorization`. Anyone may bring it: its nonce names the account that is credited.
    Authorization
}

/// @notice Money to be moved in, with the signature that its method needs.
struct Funding {
    FundingMethod method;
    /// Micro-USDC.
    uint128 amount;
    /// Unix seconds. Authorization only.
    uint256 validAfter;
    /// Unix seconds. Permit: its deadline. Authorization: `validBefore`.
    uint256 validBefore;
    /// Authorization only: makes `authorizationNonce(account, salt)` unique.
    bytes32 salt;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @title All money of Necto: one immutable USDC, balances inside, locks by job
/// @notice Deposit once, request many. What is locked for a job leaves only by its settlement: to the provider what is due, the rest back to
/// the payer, in the same call. Payouts are pulled, so that one blacklisted receiver blocks nobody else. There is no administrator.
interface IEscrow {
    /// @notice What an account holds, in micro-USDC.
    struct Balance {
        // slot 0
        uint128 available;
        uint128 locked;
    }

    /// @notice What a router answers with for its decisions, in micro-USDC.
    struct Bond {
        // slot 0 (29 bytes)
        uint96 amount;
        /// Part of `amount` that is on its way out. It still answers for what was decided.
        uint96 leaving;
        /// Unix seconds from which `leaving` may be taken.
        uint40 leavesAt;
    }

    event Deposited(Account indexed account, address indexed from, uint256 amount);
    event Withdrawn(Account indexed account, address indexed to, uint256 amount, address by);
    event Locked(JobId indexed job, Account indexed payer, uint64 amount);
    /// `paid` left the payer: `fee` of it for the treasury of that moment, the rest for the payee.
    event Released(JobId indexed job, Account indexed payer, Account indexed payee, uint64 paid, uint64 fee, uint64 refunded);
    event BondPosted(address indexed router, uint96 amount, uint96 total);
    event BondLeaving(address indexed router, uint96 leaving, uint40 leavesAt);
    event BondWithdrawn(address indexed router, uint96 amount, uint96 total);
    event BondSlashed(address indexed router, JobId indexed job, uint96 amount, Account challenger, uint96 reward, Account buyer);
    event StakeLost(address indexed challenger, JobId indexed job, uint96 amount, address router);

    error NotJobRegistry(address caller);
    error NotChallenge(address caller);
    error ZeroAmount();
    error ZeroReceiver();
    error ZeroAccount();
    /// Neither a person's nor a team's: money in there could never leave.
    error InvalidAccount(Account account);
    /// The team is not made yet: whoever makes it would own the money.
    error UnknownTeam(TeamId team);
    /// Another contract was built for another Escrow.
    error WrongWiring(address expected, address found);
    error InsufficientBalance(Account account, uint256 available, uint256 required);
    error PaidExceedsLock(JobId job, uint64 paid, uint64 locked);
    /// The token moved another amount than it was told to: a fee or a lie.
    error UnexpectedTransfer(uint256 expected, uint256 received);
    /// Only an Authorization may be brought by others.
    error NotPayer(address from, address caller);
    error BondTooSmall(address router, uint256 standing, uint256 required);
    error BondNotFree(address router, uint40 leavesAt, uint256 now_);

    /// @notice The one token that this contract holds.
    function USDC() external view returns (address);

    /// @notice The only caller of `lock`, `release` and `fundFrom`.
    function JOB_REGISTRY() external view returns (address);

    /// @notice Knows who is a team's Admin.
    function ACCESS_CONTROL() external view returns (address);

    /// @notice The only caller of `slash` and `forfeit`.
    function CHALLENGE() external view returns (address);

    /// @notice Micro-USDC that a router's bond needs for it to route.
    function MIN_BOND() external view returns (uint96);

    /// @notice Seconds a bond takes to leave: longer than any decision can be challenged.
    function BOND_DELAY() external view returns (uint40);

    /* MONEY IN AND OUT */

    /// @notice Moves `amount` micro-USDC from the caller into the caller's balance. Needs an allowance.
    function deposit(uint256 amount) external;

    /// @notice Moves `amount` micro-USDC from the caller into the balance of `account`: a gift to a person or a team.
    function depositTo(Account account, uint256 amount) external;

    /// @notice Moves money of `from` into the balance of `account`. `from` itself; an Authorization may be brought by anyone.
    function depositWith(address from, Account account, Funding calldata funding) external;

    /// @notice Pays `amount` of the caller's available balance out to `to`.
    function withdraw(uint256 amount, address to) external;

    /// @notice Pays `amount` of a team's available balance out to `to`. Needs the team's Admin.
    function withdrawFromTeam(TeamId team, uint256 amount, address to) external;

    /* BONDS */

    /// @notice Moves `amount` of the caller's available balance into its bond.
    function postBond(uint96 amount) external;

    /// @notice Announces that `amount` of the caller's bond is to leave, instead of what was announced before. From now on it does not count
    /// for new decisions; until BOND_DELAY is over it still answers for the old ones.
    function announceBondExit(uint96 amount) external;

    /// @notice Moves what was announced, and is still there, back into the caller's available balance.
    function withdrawBond() external;

    /// @notice Whether the router's bond, without what is leaving, is at least MIN_BOND.
    function isBonded(address router) external view returns (bool);

    /// @notice Reverts unless the router's bond, without what is leaving, is at least MIN_BOND.
    function checkBond(address router) external view;

    /* THE OTHER CONTRACTS */

    /// @notice Moves money of `from`, who called the JobRegistry, into the balance of `from`. Only the JobRegistry.
    function fundFrom(address from, Funding calldata funding) external;

    /// @notice Locks `amount` of the payer's available balance for a job. Only the JobRegistry.
    function lock(JobId job, Account payer, uint64 amount) external;

    /// @notice Ends a lock of `locked`: `paid` leaves the payer, `fee` of it to `treasury` and the rest to `payee`; what is left goes back.
    /// Only the JobRegistry.
    function release(JobId job, Account payer, uint64 locked, Account payee, uint64 paid, uint64 fee, Account treasury) external;

    /// @notice Takes at most `amount` of a router's bond: `reward` of it, or all there is, to the challenger, the rest to the buyer. Only the Challenge.
    /// @return taken how much there was to take
    function slash(address router, JobId job, uint96 amount, Account challenger, uint96 reward, Account buyer)
        external
        returns (uint96 taken);

    /// @notice Moves `amount` of the challenger's available balance to a router that was challenged without cause. Only the Challenge.
    function forfeit(address challenger, JobId job, uint96 amount, address router) external;

    /* VIEWS */

    function balanceOf(Account account) external view returns (Balance memory);

    function bondOf(address router) external view returns (Bond memory);

    /// @notice The ERC-3009 nonce with which an Authorization credits `account` here and nowhere else.
    function authorizationNonce(Account account, bytes32 salt) external view returns (bytes32);

    /// @notice The account of a person.
    function accountOf(address person) external pure returns (Account);

    /// @notice The account of a team.
    function accountOfTeam(TeamId team) external pure returns (Account);
}
