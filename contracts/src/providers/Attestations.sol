// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "../interfaces/IAccessControl.sol";
import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {Attestation, AttestationKind} from "../types/Listing.sol";

/// @dev What verifiers state about people and companies, known by their addresses: a provider's owner, a buyer.
abstract contract Attestations is IProviderRegistry {
    uint8 private constant KINDS = uint8(type(AttestationKind).max) + 1;

    /// @inheritdoc IProviderRegistry
    address public immutable ACCESS_CONTROL;

    mapping(address subject => mapping(AttestationKind kind => Attestation)) private _attestations;

    constructor(address accessControl) {
        ACCESS_CONTROL = accessControl;
    }

    /// @inheritdoc IProviderRegistry
    function attest(address subject, AttestationKind kind, bytes32 evidenceHash, uint40 expiresAt) external {
        // Check
        _checkVerifier();
        require(subject != address(0), ZeroSubject());
        require(expiresAt > block.timestamp, InvalidExpiry(expiresAt, block.timestamp));

        // Effect
        _attestations[subject][kind] =
            Attestation({issuer: msg.sender, issuedAt: uint40(block.timestamp), expiresAt: expiresAt, evidenceHash: evidenceHash});
        emit Attested({subject: subject, kind: kind, issuer: msg.sender, evidenceHash: evidenceHash, expiresAt: expiresAt});
    }

    /// @inheritdoc IProviderRegistry
    function revokeAttestation(address subject, AttestationKind kind) external {
        // Check
        _checkVerifier();
        require(_attestations[subject][kind].issuer != address(0), UnknownAttestation(subject, kind));

        // Effect
        delete _attestations[subject][kind];
        emit AttestationRevoked({subject: subject, kind: kind, by: msg.sender});
    }

    /// @inheritdoc IProviderRegistry
    function getAttestation(address subject, AttestationKind kind) external view returns (Attestation memory) {
        return _attestations[subject][kind];
    }

    /// @inheritdoc IProviderRegistry
    function isAttested(address subject, uint16 attestations, uint40 since, uint256 until) public view returns (bool) {
        _checkKnown(attestations);
        (bool isMissing,) = _missing(subject, attestations, since, until);
        return !isMissing;
    }

    /// @dev Reverts unless `subject` has all the attestations of the bit set until `until`, and had them before `since` unless that is 0.
    function _checkAttested(address subject, uint16 attestations, uint40 since, uint256 until) internal view {
        if (attestations == 0) return;
        _checkKnown(attestations);
        (bool isMissing, AttestationKind kind) = _missing(subject, attestations, since, until);
        require(!isMissing, AttestationMissing(subject, kind, until));
    }

    /// @dev A bit that nothing stands for could never be satisfied.
    function _checkKnown(uint16 attestations) internal pure {
        require(attestations >> KINDS == 0, UnknownAttestations(attestations));
    }

    function _missing(address subject, uint16 attestations, uint40 since, uint256 until) private view returns (bool, AttestationKind) {
        for (uint8 index = 0; index < KINDS; ++index) {
            if (attestations & (uint256(1) << index) == 0) continue;
            AttestationKind kind = AttestationKind(index);
            Attestation storage held = _attestations[subject][kind];
            if (held.expiresAt < until || (since != 0 && held.issuedAt >= since)) return (true, kind);
        }
        return (false, AttestationKind.Kyc);
    }

    function _checkVerifier() private view {
        IAccessControl access = IAccessControl(ACCESS_CONTROL);
        access.checkRole(access.VERIFIER_ROLE(), msg.sender);
    }
}
