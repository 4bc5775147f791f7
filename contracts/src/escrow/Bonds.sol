// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEscrow} from "../interfaces/IEscrow.sol";
import {IJobRegistry} from "../interfaces/IJobRegistry.sol";
import {Accounts} from "../libraries/Accounts.sol";
import {Account, JobId} from "../types/Ids.sol";

/// @dev Balances, and what routers put aside of theirs to answer for their decisions. No token moves here.
abstract contract Bonds is IEscrow {
    /// @inheritdoc IEscrow
    uint96 public constant MIN_BOND = 100e6;
    /// @inheritdoc IEscrow
    uint40 public constant BOND_DELAY = 3 days;

    /// @inheritdoc IEscrow
    address public immutable JOB_REGISTRY;
    /// @inheritdoc IEscrow
    address public immutable CHALLENGE;

    mapping(Account account => Balance) internal _balances;
    mapping(address router => Bond) private _bonds;

    modifier onlyChallenge() {
        _checkChallenge();
        _;
    }

    constructor(address jobRegistry, address challenge) {
        JOB_REGISTRY = jobRegistry;
        CHALLENGE = challenge;
    }

    /// @inheritdoc IEscrow
    function postBond(uint96 amount) external {
        // Check
        require(amount > 0, ZeroAmount());
        _take(msg.sender, amount);

        // Effect
        uint96 total = _bonds[msg.sender].amount += amount;
        emit BondPosted({router: msg.sender, amount: amount, total: total});

        // Interaction
        IJobRegistry(JOB_REGISTRY).refreshRouter(msg.sender);
    }

    /// @inheritdoc IEscrow
    function announceBondExit(uint96 amount) external {
        Bond storage bond = _bonds[msg.sender];

        // Check
        require(amount <= bond.amount, BondTooSmall(msg.sender, bond.amount, amount));

        // Effect
        bond.leaving = amount;
        bond.leavesAt = uint40(block.timestamp) + BOND_DELAY;
        emit BondLeaving({router: msg.sender, leaving: amount, leavesAt: bond.leavesAt});

        // Interaction
        IJobRegistry(JOB_REGISTRY).refreshRouter(msg.sender);
    }

    /// @inheritdoc IEscrow
    function withdrawBond() external {
        Bond memory bond = _bonds[msg.sender];

        // Check
        require(bond.leaving > 0, ZeroAmount());
        require(block.timestamp >= bond.leavesAt, BondNotFree(msg.sender, bond.leavesAt, block.timestamp));

        // Effect
        uint96 total = bond.amount - bond.leaving;
        _bonds[msg.sender] = Bond({amount: total, leaving: 0, leavesAt: 0});
        _balances[Accounts.ofPerson(msg.sender)].available += bond.leaving;
        emit BondWithdrawn({router: msg.sender, amount: bond.leaving, total: total});
    }

    /// @inheritdoc IEscrow
    function slash(address router, JobId job, uint96 amount, Account challenger, uint96 reward, Account buyer)
        external
        onlyChallenge
        returns (uint96 taken)
    {
        Bond storage bond = _bonds[router];

        // Effect
        taken = amount < bond.amount ? amount : bond.amount;
        bond.amount -= taken;
        if (bond.leaving > bond.amount) bond.leaving = bond.amount;
        uint96 rewarded = reward < taken ? reward : taken;
        _balances[challenger].available += rewarded;
        _balances[buyer].available += taken - rewarded;
        emit BondSlashed({router: router, job: job, amount: taken, challenger: challenger, reward: rewarded, buyer: buyer});

        // Interaction
        IJobRegistry(JOB_REGISTRY).refreshRouter(router);
    }

    /// @inheritdoc IEscrow
    function forfeit(address challenger, JobId job, uint96 amount, address router) external onlyChallenge {
        // Effect
        _take(challenger, amount);
        _balances[Accounts.ofPerson(router)].available += amount;
        emit StakeLost({challenger: challenger, job: job, amount: amount, router: router});
    }

    /// @inheritdoc IEscrow
    function isBonded(address router) external view returns (bool) {
        return _standing(router) >= MIN_BOND;
    }

    /// @inheritdoc IEscrow
    function checkBond(address router) external view {
        uint96 standing = _standing(router);
        require(standing >= MIN_BOND, BondTooSmall(router, standing, MIN_BOND));
    }

    /// @inheritdoc IEscrow
    function balanceOf(Account account) external view returns (Balance memory) {
        return _balances[account];
    }

    /// @inheritdoc IEscrow
    function bondOf(address router) external view returns (Bond memory) {
        return _bonds[router];
    }

    function _standing(address router) private view returns (uint96) {
        Bond memory bond = _bonds[router];
        return bond.amount - bond.leaving;
    }

    function _take(address person, uint96 amount) private {
        Account account = Accounts.ofPerson(person);
        uint128 available = _balances[account].available;
        require(available >= amount, InsufficientBalance(account, available, amount));
        _balances[account].available = available - amount;
    }

    function _checkChallenge() private view {
        require(msg.sender == CHALLENGE, NotChallenge(msg.sender));
    }
}
