// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControlDefaultAdminRules} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

import {IAccessControl, TeamRole} from "./interfaces/IAccessControl.sol";
import {TeamId} from "./types/Ids.sol";

contract AccessControl is IAccessControl, AccessControlDefaultAdminRules {
    struct Team {
        uint32 admins;
        mapping(address member => TeamRole) roles;
    }

    /// @inheritdoc IAccessControl
    bytes32 public constant ROUTER_ROLE = keccak256("ROUTER_ROLE");
    /// @inheritdoc IAccessControl
    bytes32 public constant VERIFIER_ROLE = keccak256("VERIFIER_ROLE");
    /// @inheritdoc IAccessControl
    bytes32 public constant ARBITER_ROLE = keccak256("ARBITER_ROLE");
    /// @inheritdoc IAccessControl
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    /// @inheritdoc IAccessControl
    bool public paused;

    /// @inheritdoc IAccessControl
    uint32 public teamCount;

    mapping(TeamId team => Team) private _teams;

    /// @param adminDelay seconds between a change of the administrator and its effect
    constructor(uint48 adminDelay, address admin, address router, address verifier, address arbiter, address pauser)
        AccessControlDefaultAdminRules(adminDelay, admin)
    {
        _grantRole(ROUTER_ROLE, router);
        _grantRole(VERIFIER_ROLE, verifier);
        _grantRole(ARBITER_ROLE, arbiter);
        _grantRole(PAUSER_ROLE, pauser);
    }

    /* PLATFORM */

    /// @inheritdoc IAccessControl
    function pause() external onlyRole(PAUSER_ROLE) {
        // Effect
        paused = true;
        emit Paused(msg.sender);
    }

    /// @inheritdoc IAccessControl
    function unpause() external onlyRole(PAUSER_ROLE) {
        // Effect
        paused = false;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IAccessControl
    function checkRequest(address caller, TeamId team) external view {
        require(!paused, IsPaused());
        if (TeamId.unwrap(team) != 0) checkTeamRole(caller, team, TeamRole.User);
    }

    /// @inheritdoc IAccessControl
    function checkRoute(address caller) external view {
        require(!paused, IsPaused());
        require(hasRole(ROUTER_ROLE, caller), NotRouter(caller));
    }

    /* TEAMS */

    /// @inheritdoc IAccessControl
    function createTeam(string calldata name) external returns (TeamId team) {
        // Check
        require(bytes(name).length > 0, EmptyTeamName());

        // Effect
        team = TeamId.wrap(++teamCount);
        _teams[team].admins = 1;
        _teams[team].roles[msg.sender] = TeamRole.Admin;
        emit TeamCreated({team: team, admin: msg.sender, name: name});
        emit MemberSet({team: team, member: msg.sender, role: TeamRole.Admin, by: msg.sender});
    }

    /// @inheritdoc IAccessControl
    function renameTeam(TeamId team, string calldata name) external {
        // Check
        checkTeamRole(msg.sender, team, TeamRole.Admin);
        require(bytes(name).length > 0, EmptyTeamName());

        // Effect
        emit TeamRenamed({team: team, name: name});
    }

    /// @inheritdoc IAccessControl
    function setMember(TeamId team, address member, TeamRole role) external {
        Team storage stored = _teams[team];
        TeamRole held = stored.roles[member];

        // Check
        bool leaves = member == msg.sender && role == TeamRole.None && held != TeamRole.None;
        if (!leaves) checkTeamRole(msg.sender, team, TeamRole.Admin);
        require(member != address(0), ZeroMember());
        bool losesAdmin = held == TeamRole.Admin && role != TeamRole.Admin;
        require(!losesAdmin || stored.admins > 1, LastAdmin(team, member));

        // Effect
        if (losesAdmin) --stored.admins;
        else if (held != TeamRole.Admin && role == TeamRole.Admin) ++stored.admins;
        stored.roles[member] = role;
        emit MemberSet({team: team, member: member, role: role, by: msg.sender});
    }

    /// @inheritdoc IAccessControl
    function roleOf(TeamId team, address member) external view returns (TeamRole) {
        return _teams[team].roles[member];
    }

    /// @inheritdoc IAccessControl
    function checkTeamRole(address caller, TeamId team, TeamRole required) public view {
        TeamRole held = _teams[team].roles[caller];
        if (held >= required) return;
        // A team always has an Admin, so one without was never made.
        require(_teams[team].admins > 0, UnknownTeam(team));
        revert TeamRoleRequired(team, caller, required, held);
    }
}
