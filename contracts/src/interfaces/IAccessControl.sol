// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {TeamId} from "../types/Ids.sol";

/// @notice A member's role in a team. Each role includes the ones before it.
enum TeamRole {
    /// Not a member.
    None,
    /// Sees the team's jobs and spending.
    Viewer,
    /// Requests jobs with the team's money, cancels and ends them.
    User,
    /// Changes members and budgets and withdraws the team's money.
    Admin
}

/// @title Who may do what: the platform's own roles, buyers' teams with their budgets, and session keys
/// @notice Platform roles are OpenZeppelin's, with an administrator who changes in two steps and after a delay.
/// No platform role takes money out of the Escrow: an arbiter divides what was due in a dispute, nothing else.
interface IAccessControl {
    /// @notice What may be locked in a period, and what was. Micro-USDC.
    struct Budget {
        /// NO_LIMIT is without limit, 0 is nothing.
        uint64 limit;
        /// In the current period: locked, less what came back of it.
        uint64 spent;
    }

    /// @notice What a session key may do for its owner, until when.
    struct SessionLimits {
        /// Micro-USDC that it may lock in all. What comes back does not count as unspent.
        uint64 total;
        /// Micro-USDC that it may lock in each period.
        uint64 perPeriod;
        /// Seconds; 0 is one period for all of its life.
        uint32 period;
        /// Unix seconds; the first in which it is worth nothing.
        uint40 expiresAt;
        /// The team whose money it spends, as its owner could, or 0 for the owner's own.
        TeamId team;
    }

    /// @notice A session key as stored.
    struct Session {
        // slot 0 (32 bytes)
        uint64 total;
        uint64 spent;
        uint64 perPeriod;
        uint64 periodSpent;
        // slot 1 (31 bytes)
        uint40 expiresAt;
        uint40 grantedAt;
        uint32 period;
        /// Counted from `grantedAt`.
        uint32 periodIndex;
        TeamId team;
        /// The owner's epoch when it was granted.
        uint32 epoch;
        bool revoked;
    }

    event TeamCreated(TeamId indexed team, address indexed admin, string name);
    event TeamRenamed(TeamId indexed team, string name);
    event MemberSet(TeamId indexed team, address indexed member, TeamRole role, address by);
    /// `period` is seconds. A changed period starts a new one at once, for the team and its members, unless one began in this very second.
    event TeamBudgetSet(TeamId indexed team, uint64 limit, uint32 period, address by);
    event MemberBudgetSet(TeamId indexed team, address indexed member, uint64 limit, address by);
    /// What was spent in the current period, after the change.
    event BudgetUsed(TeamId indexed team, address indexed member, uint64 memberSpent, uint64 teamSpent);
    event SessionGranted(address indexed owner, address indexed key, SessionLimits limits);
    event SessionUsed(address indexed owner, address indexed key, uint64 spent, uint64 periodSpent);
    event SessionRevoked(address indexed owner, address indexed key);
    /// Every session key of the owner so far is worth nothing.
    event AllSessionsRevoked(address indexed owner, uint32 epoch);
    /// Signed with or cancelled: what else was signed with it is worth nothing.
    event NonceUsed(address indexed signer, uint256 nonce);

    error UnknownTeam(TeamId team);
    error EmptyTeamName();
    error ZeroMember();
    error TeamRoleRequired(TeamId team, address caller, TeamRole required, TeamRole held);
    /// A team keeps at least one Admin, so that its money always has a way out.
    error LastAdmin(TeamId team, address member);
    error NotRouter(address caller);
    error NotJobRegistry(address caller);
    error InvalidPeriod(uint32 period, uint32 shortest, uint32 longest);
    error TeamBudgetExceeded(TeamId team, uint64 limit, uint64 spent, uint64 wanted);
    error MemberBudgetExceeded(TeamId team, address member, uint64 limit, uint64 spent, uint64 wanted);
    error InvalidSession(address key, uint40 expiresAt, uint64 total, uint64 perPeriod);
    /// Never granted, revoked, expired, or granted for other money.
    error NoSession(address owner, address key, TeamId team);
    error SessionTotalExceeded(address owner, address key, uint64 total, uint64 spent, uint64 wanted);
    error SessionPeriodExceeded(address owner, address key, uint64 perPeriod, uint64 spent, uint64 wanted);
    error InvalidSignature(address signer);
    error SignatureExpired(uint256 deadline, uint256 now_);

    /// @notice May route jobs.
    function ROUTER_ROLE() external view returns (bytes32);

    /// @notice May attest facts about providers and buyers.
    function VERIFIER_ROLE() external view returns (bytes32);

    /// @notice May rule on disputes.
    function ARBITER_ROLE() external view returns (bytes32);

    /// @notice May pause and unpause new requests and routes.
    function PAUSER_ROLE() external view returns (bytes32);

    /// @notice The budget that is no limit.
    function NO_LIMIT() external view returns (uint64);

    /// @notice The only caller of `spend`, `spendByKey` and `restore`.
    function JOB_REGISTRY() external view returns (address);

    /// @notice Whether `caller` has ROUTER_ROLE.
    function isRouter(address caller) external view returns (bool);

    /// @notice Reverts unless `caller` has ROUTER_ROLE.
    function checkRouter(address caller) external view;

    /// @notice Reverts with OpenZeppelin's AccessControlUnauthorizedAccount unless `caller` has the platform's `role`.
    function checkRole(bytes32 role, address caller) external view;

    /* TEAMS */

    /// @notice Makes a team with the caller as its Admin, without budget limits and with a period of 30 days.
    function createTeam(string calldata name) external returns (TeamId team);

    /// @notice Needs the team's Admin.
    function renameTeam(TeamId team, string calldata name) external;

    /// @notice Adds a member, changes its role, or removes it (`TeamRole.None`). Needs the team's Admin;
    /// a member may remove itself. The last Admin stays. A new member's budget has no limit of its own.
    function setMember(TeamId team, address member, TeamRole role) external;

    /// @notice Adds a member or changes its role, and its budget, in one call. Needs the team's Admin.
    function setMemberWithBudget(TeamId team, address member, TeamRole role, uint64 limit) external;

    /// @notice What the whole team may lock in a period of an hour to a year. Needs the team's Admin.
    function setTeamBudget(TeamId team, uint64 limit, uint32 period) external;

    /// @notice What one member may lock of the team's money in a period. Needs the team's Admin; the member has to be one.
    function setMemberBudget(TeamId team, address member, uint64 limit) external;

    /* SESSION KEYS: may request and cancel, nothing else */

    /// @notice Lets `key` request and cancel in the caller's name. Replaces what the key was granted before.
    function grantSession(address key, SessionLimits calldata limits) external;

    /// @notice The same in the name of `owner`, who signed `GrantSession`. Anyone may bring it.
    function grantSessionBySignature(
        address owner,
        address key,
        SessionLimits calldata limits,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Makes a key of the caller's worthless. A key may revoke itself for its owner.
    function revokeSession(address owner, address key) external;

    /// @notice Makes all of the caller's keys worthless. A grant that was signed and not brought yet is stopped by `cancelNonce`.
    function revokeAllSessions() external;

    /// @notice Makes a nonce of the caller's useless, and with it what was signed with it.
    function cancelNonce(uint256 nonce) external;

    /* THE JOB REGISTRY */

    /// @notice Reverts unless `member` may lock `amount` of the team's money now; counts it. Only the JobRegistry.
    function spend(TeamId team, address member, uint64 amount) external;

    /// @notice Reverts unless `key` may lock `amount` in the name of `owner` now; counts it, for a team in its budgets too. Only the JobRegistry.
    function spendByKey(address owner, address key, TeamId team, uint64 amount) external;

    /// @notice What was locked at `spentAt` came back: the budgets of that period have it again, unless the period is over or `spentAt` is its
    /// first second. Only the JobRegistry.
    function restore(TeamId team, address member, uint64 amount, uint40 spentAt) external;

    /* VIEWS */

    /// @notice How many teams there are; the newest has this id.
    function teamCount() external view returns (uint32);

    /// @notice The role of `member` in `team`, `None` for strangers and unknown teams.
    function roleOf(TeamId team, address member) external view returns (TeamRole);

    /// @notice Reverts unless `caller` has at least `required` in `team`.
    function checkTeamRole(address caller, TeamId team, TeamRole required) external view;

    /// @notice The team's budget now, and its period: seconds, and unix seconds when the current one began.
    function teamBudget(TeamId team) external view returns (Budget memory budget, uint32 period, uint40 periodStart);

    /// @notice The member's budget now.
    function memberBudget(TeamId team, address member) external view returns (Budget memory);

    /// @notice A key as stored: its `spent` in the period may be of an older one.
    function sessionOf(address owner, address key) external view returns (Session memory);

    /// @notice Whether `key` may act for `owner` with the money of `team` (0: the owner's own) now.
    function isSession(address owner, address key, TeamId team) external view returns (bool);
}
