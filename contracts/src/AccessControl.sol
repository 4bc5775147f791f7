// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControlDefaultAdminRules} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

import {Sessions} from "./access/Sessions.sol";
import {Teams} from "./access/Teams.sol";
import {IAccessControl} from "./interfaces/IAccessControl.sol";
import {IJobRegistry} from "./interfaces/IJobRegistry.sol";

/// @dev The parts are in `access/`; here are the platform's roles.
contract AccessControl is Sessions, AccessControlDefaultAdminRules {
    /// @inheritdoc IAccessControl
    bytes32 public constant ROUTER_ROLE = keccak256("ROUTER_ROLE");
    /// @inheritdoc IAccessControl
    bytes32 public constant VERIFIER_ROLE = keccak256("VERIFIER_ROLE");
    /// @inheritdoc IAccessControl
    bytes32 public constant ARBITER_ROLE = keccak256("ARBITER_ROLE");
    /// @inheritdoc IAccessControl
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    /// @param adminDelay seconds between a change of the administrator and its effect
    constructor(address jobRegistry, uint48 adminDelay, address admin, address router, address verifier, address arbiter, address pauser)
        Teams(jobRegistry)
        AccessControlDefaultAdminRules(adminDelay, admin)
    {
        _grantRole(ROUTER_ROLE, router);
        _grantRole(VERIFIER_ROLE, verifier);
        _grantRole(ARBITER_ROLE, arbiter);
        _grantRole(PAUSER_ROLE, pauser);
    }

    /// @inheritdoc IAccessControl
    function isRouter(address caller) public view returns (bool) {
        return hasRole(ROUTER_ROLE, caller);
    }

    /// @inheritdoc IAccessControl
    function checkRouter(address caller) external view {
        require(isRouter(caller), NotRouter(caller));
    }

    /// @inheritdoc IAccessControl
    function checkRole(bytes32 role, address caller) external view {
        _checkRole(role, caller);
    }

    function _grantRole(bytes32 role, address account) internal override returns (bool granted) {
        granted = super._grantRole(role, account);
        if (granted && role == ROUTER_ROLE) _refreshRouter(account);
    }

    /// @dev A revoked router routes nothing from the same transaction on.
    function _revokeRole(bytes32 role, address account) internal override returns (bool revoked) {
        revoked = super._revokeRole(role, account);
        if (revoked && role == ROUTER_ROLE) _refreshRouter(account);
    }

    function _refreshRouter(address router) private {
        // The first router is named before there is a JobRegistry; posting its bond makes it known there.
        if (JOB_REGISTRY.code.length > 0) IJobRegistry(JOB_REGISTRY).refreshRouter(router);
    }
}
