// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {NoncesKeyed} from "@openzeppelin/contracts/utils/NoncesKeyed.sol";

import {IAccessControl, TeamRole} from "../interfaces/IAccessControl.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";
import {IJobRegistry} from "../interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {Accounts} from "../libraries/Accounts.sol";
import {Commitment} from "../libraries/Commitment.sol";
import {Jobs} from "../libraries/Jobs.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Account, JobId, TeamId} from "../types/Ids.sol";
import {JobStatus, Meter, PackedJob, Terms} from "../types/Job.sol";

/// @dev What every part of the JobRegistry stands on: the slots, and the questions "what is agreed?" and "who are you?".
/// Calls only contracts that are fixed for ever. Two ways lead outside from there: `fundFrom` moves the token and a signature may ask an
/// ERC-1271 wallet; both come first, before anything of a job is written.
abstract contract JobBase is IJobRegistry, EIP712, NoncesKeyed {
    using Jobs for PackedJob;

    /// @dev Everything that a request and a routing read, in one slot (31 bytes).
    struct Config {
        address treasury;
        uint64 jobCount;
        uint16 fee;
        bool paused;
    }

    uint16 internal constant BASIS = 10_000;

    /// @inheritdoc IJobRegistry
    uint32 public constant GRACE_PERIOD = 1 hours;
    /// @inheritdoc IJobRegistry
    uint32 public constant ARBITER_PERIOD = 7 days;
    /// @inheritdoc IJobRegistry
    uint16 public constant SILENCE_SHARE = 5_000;
    /// @inheritdoc IJobRegistry
    uint16 public constant MAX_FEE = 500;

    /// @inheritdoc IJobRegistry
    address public immutable ESCROW;
    /// @inheritdoc IJobRegistry
    address public immutable PROVIDER_REGISTRY;
    /// @inheritdoc IJobRegistry
    address public immutable ACCESS_CONTROL;
    /// @inheritdoc IJobRegistry
    address public immutable CHALLENGE;

    Config internal _config;
    /// Who has ROUTER_ROLE and a bond: both are read at each routing, and change once in a year.
    mapping(address router => bool) internal _mayRoute;
    mapping(JobId job => PackedJob) internal _jobs;
    mapping(JobId job => Meter) internal _meters;

    constructor(address escrow, address providerRegistry, address accessControl, address challenge)
        EIP712(Signatures.NAME, Signatures.VERSION)
    {
        ESCROW = escrow;
        PROVIDER_REGISTRY = providerRegistry;
        ACCESS_CONTROL = accessControl;
        CHALLENGE = challenge;
    }

    /* WHAT IS AGREED */

    /// @dev Reverts unless the job exists and the terms are its own.
    function _agreed(JobId job, Terms calldata terms) internal view returns (JobStatus, uint40) {
        PackedJob held = _existing(job);
        bytes26 given = Commitment.ofTerms(terms);
        require(held.termsHash() == given, TermsMismatch(job, held.termsHash(), given));
        return (held.status(), held.time());
    }

    function _existing(JobId job) internal view returns (PackedJob held) {
        held = _jobs[job];
        require(PackedJob.unwrap(held) != 0, UnknownJob(job));
    }

    /// @dev Reverts unless the terms are the job's own and it has the required status.
    function _agreedIn(JobId job, Terms calldata terms, JobStatus required) internal view returns (uint40) {
        (JobStatus status, uint40 time) = _agreed(job, terms);
        require(status == required, WrongStatus(job, status));
        return time;
    }

    function _store(JobId job, Terms memory terms, JobStatus status, uint40 time) internal virtual {
        _jobs[job] = Jobs.pack(Commitment.ofTermsInMemory(terms), status, time);
    }

    function _setStatus(JobId job, JobStatus status, uint40 time) internal {
        _jobs[job] = _jobs[job].with(status, time);
    }

    function _end(JobId job, JobStatus status) internal virtual {
        _setStatus(job, status, uint40(block.timestamp));
    }

    /* WHO ARE YOU */

    /// @dev A team's job is the team's: whoever asked for it and left the team has no say in it any more.
    function _isRequester(Terms calldata terms) internal view virtual returns (bool) {
        TeamId team = terms.team;
        return TeamId.unwrap(team) == 0 ? msg.sender == terms.requester : _isTeamUser(team, msg.sender);
    }

    function _isTeamUser(TeamId team, address person) internal view returns (bool) {
        return IAccessControl(ACCESS_CONTROL).roleOf(team, person) >= TeamRole.User;
    }

    function _checkRequester(JobId job, Terms calldata terms) internal view {
        require(_isRequester(terms), NotRequester(job, msg.sender));
    }

    function _isProvider(Terms calldata terms) internal view returns (bool) {
        return msg.sender == terms.provider || IProviderRegistry(PROVIDER_REGISTRY).mayOperate(terms.listing, msg.sender);
    }

    function _checkProvider(JobId job, Terms calldata terms) internal view {
        require(_isProvider(terms), NotProvider(job, msg.sender));
    }

    /// @dev Reverts unless `signer` signed the struct; burns the nonce.
    function _checkSignature(address signer, bytes32 structHash, uint256 nonce, uint256 deadline, bytes calldata signature) internal {
        require(block.timestamp <= deadline, SignatureExpired(deadline, block.timestamp));
        bool signed = SignatureChecker.isValidSignatureNowCalldata(signer, _hashTypedDataV4(structHash), signature);
        require(signed, InvalidSignature(signer));
        _useCheckedNonce(signer, nonce);
    }

    /// @dev Says so: else nobody could tell from events whether what somebody signed still counts.
    function _useCheckedNonce(address signer, uint256 nonce) internal override {
        super._useCheckedNonce(signer, nonce);
        emit NonceUsed({signer: signer, nonce: nonce});
    }

    /* MONEY */

    /// @dev Gives `amount` of a job's lock back to its payer, and to its team's budgets.
    function _refund(JobId job, Terms calldata terms, uint64 amount) internal {
        IEscrow(ESCROW).release(job, Accounts.ofPayer(terms.requester, terms.team), amount, Account.wrap(0), 0, 0, Account.wrap(0));
        _restore(terms, amount);
    }

    /// @dev Pays `paid` of a job's lock, fee included, and gives the rest back.
    function _settle(JobId job, Terms calldata terms, uint32 elapsed, uint64 paid) internal {
        _end(job, JobStatus.Settled);
        // At most a twentieth of what is paid.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint64 fee = uint64(uint256(paid) * terms.fee / BASIS);
        uint64 refunded = terms.locked - paid;
        Account treasury = Accounts.ofPerson(fee == 0 ? address(0) : _config.treasury);
        IEscrow(ESCROW)
            .release(
                job, Accounts.ofPayer(terms.requester, terms.team), terms.locked, Accounts.ofPerson(terms.provider), paid, fee, treasury
            );
        _restore(terms, refunded);
        emit JobSettled({job: job, provider: terms.provider, elapsed: elapsed, paid: paid, fee: fee, refunded: refunded});
    }

    function _restore(Terms calldata terms, uint64 amount) private {
        TeamId team = terms.team;
        if (TeamId.unwrap(team) == 0 || amount == 0) return;
        IAccessControl(ACCESS_CONTROL).restore(team, terms.requester, amount, terms.requestedAt);
    }
}
