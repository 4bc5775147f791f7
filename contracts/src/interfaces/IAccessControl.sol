// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {TeamId} from "../types/Ids.sol";

/// @notice A member's role in a team. Each role includes the ones before it.
enum TeamRole {
    /// Not a member.
    None,
    /// Sees the team's jobs and spending.
    Viewer,
    /// Requests jobs with the team's money and cancels them.
    User,
    /// Changes members and withdraws the team's money.
    Admin
}

/// @title Who may do what: the platform's own roles, and buyers' teams
/// @notice Platform roles are OpenZeppelin's, with an administrator who changes in two steps and after a delay.
/// No role moves money in the Escrow, and pausing stops only new requests and routes.
interface IAccessControl {
    event TeamCreated(TeamId indexed team, address indexed admin, string name);
    event TeamRenamed(TeamId indexed team, string name);
    event MemberSet(TeamId indexed team, address indexed member, TeamRole role, address by);
    event Paused(address by);
    event Unpaused(address by);

    error UnknownTeam(TeamId team);
    error EmptyTeamName();
    error ZeroMember();
    error TeamRoleRequired(TeamId team, address caller, TeamRole required, TeamRole held);
    /// A team keeps at least one Admin, so that its money always has a way out.
    error LastAdmin(TeamId team, address member);
    error NotRouter(address caller);
    error IsPaused();

    /// @notice May route jobs.
    function ROUTER_ROLE() external view returns (bytes32);

    /// @notice May attest facts about providers.
    function VERIFIER_ROLE() external view returns (bytes32);

    /// @notice May rule on disputes.
    function ARBITER_ROLE() external view returns (bytes32);

    /// @notice May pause and unpause new requests and routes.
    function PAUSER_ROLE() external view returns (bytes32);

    function paused() external view returns (bool);

    /// @notice Stops new requests and routes. Every way out stays open. Needs PAUSER_ROLE.
    function pause() external;

    /// @notice Needs PAUSER_ROLE.
    function unpause() external;

    /// @notice Makes a team with the caller as its Admin.
    function createTeam(string calldata name) external returns (TeamId team);

    /// @notice Needs the team's Admin.
    function renameTeam(TeamId team, string calldata name) external;

    /// @notice Adds a member, changes its role, or removes it (`TeamRole.None`). Needs the team's Admin;
    /// a member may remove itself. The last Admin stays.
    function setMember(TeamId team, address member, TeamRole role) external;

    /// @notice How many teams there are; the newest has this id.
    function teamCount() external view returns (uint32);

    /// @notice The role of `member` in `team`, `None` for strangers and unknown teams.
    function roleOf(TeamId team, address member) external view returns (TeamRole);

    /// @notice Reverts unless requests are open and, for a team, `caller` is at least a User of it.
    function checkRequest(address caller, TeamId team) external view;

    /// @notice Reverts unless routing is open and `caller` has ROUTER_ROLE.
    function checkRoute(address caller) external view;

    /// @notice Reverts unless `caller` has at least `required` in `team`.
    function checkTeamRole(address caller, TeamId team, TeamRole required) external view;
}
