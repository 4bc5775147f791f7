// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {NoncesKeyed} from "@openzeppelin/contracts/utils/NoncesKeyed.sol";

import {IAccessControl} from "../interfaces/IAccessControl.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {TeamId} from "../types/Ids.sol";
import {Teams} from "./Teams.sol";

/// @dev Keys that request and cancel in their owner's name, within limits, until a day.
abstract contract Sessions is Teams, EIP712, NoncesKeyed {
    mapping(address owner => mapping(address key => Session)) private _sessions;
    mapping(address owner => uint32) private _epochs;

    constructor() EIP712(Signatures.NAME, Signatures.VERSION) {}

    /// @inheritdoc IAccessControl
    function grantSession(address key, SessionLimits calldata limits) external {
        _grant(msg.sender, key, limits);
    }

    /// @inheritdoc IAccessControl
    function grantSessionBySignature(
        address owner,
        address key,
        SessionLimits calldata limits,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external {
        // Check
        require(block.timestamp <= deadline, SignatureExpired(deadline, block.timestamp));
        bytes32 digest = _hashTypedDataV4(Signatures.ofGrant(owner, key, limits, nonce, deadline));
        require(SignatureChecker.isValidSignatureNowCalldata(owner, digest, signature), InvalidSignature(owner));
        _useCheckedNonce(owner, nonce);

        _grant(owner, key, limits);
    }

    /// @inheritdoc IAccessControl
    function revokeSession(address owner, address key) external {
        // Check
        Session storage session = _sessions[owner][key];
        bool isTheirs = msg.sender == owner || msg.sender == key;
        require(isTheirs && session.expiresAt != 0, NoSession(owner, key, session.team));

        // Effect
        session.revoked = true;
        emit SessionRevoked({owner: owner, key: key});
    }

    /// @inheritdoc IAccessControl
    function revokeAllSessions() external {
        // Effect
        emit AllSessionsRevoked({owner: msg.sender, epoch: ++_epochs[msg.sender]});
    }

    /// @inheritdoc IAccessControl
    function cancelNonce(uint256 nonce) external {
        _useCheckedNonce(msg.sender, nonce);
    }

    /// @inheritdoc IAccessControl
    function spendByKey(address owner, address key, TeamId team, uint64 amount) external onlyJobRegistry {
        Session storage stored = _sessions[owner][key];
        Session memory session = stored;

        // Check
        require(_isLive(owner, session, team), NoSession(owner, key, team));
        require(amount <= session.total - session.spent, SessionTotalExceeded(owner, key, session.total, session.spent, amount));
        uint32 index = _periodIndex(session);
        uint64 periodSpent = session.periodIndex == index ? session.periodSpent : 0;
        require(amount <= session.perPeriod - periodSpent, SessionPeriodExceeded(owner, key, session.perPeriod, periodSpent, amount));

        // Effect
        (stored.spent, stored.periodSpent) = (session.spent + amount, periodSpent + amount);
        if (session.periodIndex != index) stored.periodIndex = index;
        emit SessionUsed({owner: owner, key: key, spent: session.spent + amount, periodSpent: periodSpent + amount});
        if (TeamId.unwrap(team) != 0) _spend(team, owner, amount);
    }

    /// @inheritdoc IAccessControl
    function sessionOf(address owner, address key) external view returns (Session memory) {
        return _sessions[owner][key];
    }

    /// @inheritdoc IAccessControl
    function isSession(address owner, address key, TeamId team) external view returns (bool) {
        return _isLive(owner, _sessions[owner][key], team) && _mayUse(owner, team);
    }

    /// @dev Says so: else nobody could tell from events whether what somebody signed still counts.
    function _useCheckedNonce(address signer, uint256 nonce) internal override {
        super._useCheckedNonce(signer, nonce);
        emit NonceUsed({signer: signer, nonce: nonce});
    }

    function _grant(address owner, address key, SessionLimits calldata limits) private {
        // Check
        bool isUseful = limits.total > 0 && limits.perPeriod > 0 && limits.expiresAt > block.timestamp;
        require(isUseful && key != address(0) && key != owner, InvalidSession(key, limits.expiresAt, limits.total, limits.perPeriod));

        // Effect
        _sessions[owner][key] = Session({
            total: limits.total,
            spent: 0,
            perPeriod: limits.perPeriod,
            periodSpent: 0,
            expiresAt: limits.expiresAt,
            grantedAt: uint40(block.timestamp),
            period: limits.period,
            periodIndex: 0,
            team: limits.team,
            epoch: _epochs[owner],
            revoked: false
        });
        emit SessionGranted({owner: owner, key: key, limits: limits});
    }

    function _isLive(address owner, Session memory session, TeamId team) private view returns (bool) {
        return block.timestamp < session.expiresAt && !session.revoked && session.epoch == _epochs[owner]
            && TeamId.unwrap(session.team) == TeamId.unwrap(team);
    }

    function _periodIndex(Session memory session) private view returns (uint32) {
        if (session.period == 0) return 0;
        // A key that expires in 40 bits of seconds has fewer periods than that, and more than 32 bits of them for nobody alive.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint32((block.timestamp - session.grantedAt) / session.period);
    }
}
