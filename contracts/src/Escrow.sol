// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAccessControl, TeamRole} from "./interfaces/IAccessControl.sol";
import {IEscrow} from "./interfaces/IEscrow.sol";
import {IJobRegistry} from "./interfaces/IJobRegistry.sol";
import {Accounts} from "./libraries/Accounts.sol";
import {Account, JobId, TeamId} from "./types/Ids.sol";

contract Escrow is IEscrow, ReentrancyGuardTransient {
    using Accounts for Account;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @inheritdoc IEscrow
    address public immutable USDC;
    /// @inheritdoc IEscrow
    address public immutable JOB_REGISTRY;
    /// @inheritdoc IEscrow
    address public immutable ACCESS_CONTROL;

    mapping(Account account => Balance) private _balances;
    mapping(JobId job => Lock) private _locks;

    modifier onlyJobRegistry() {
        _checkJobRegistry();
        _;
    }

    /// @param jobRegistry has to be deployed already, for this very Escrow
    constructor(address usdc, address jobRegistry, address accessControl) {
        address found = IJobRegistry(jobRegistry).ESCROW();
        require(found == address(this), WrongWiring(address(this), found));
        USDC = usdc;
        JOB_REGISTRY = jobRegistry;
        ACCESS_CONTROL = accessControl;
    }

    /* MONEY IN AND OUT */

    /// @inheritdoc IEscrow
    function deposit(uint256 amount) external nonReentrant {
        _deposit(Accounts.ofPerson(msg.sender), amount);
    }

    /// @inheritdoc IEscrow
    function depositTo(Account account, uint256 amount) external nonReentrant {
        // Check
        require(Account.unwrap(account) != 0, ZeroAccount());
        require(account.isValid(), InvalidAccount(account));
        TeamId team = account.teamOf();
        require(TeamId.unwrap(team) <= IAccessControl(ACCESS_CONTROL).teamCount(), UnknownTeam(team));

        _deposit(account, amount);
    }

    /// @inheritdoc IEscrow
    function withdraw(uint256 amount, address to) external nonReentrant {
        _withdraw(Accounts.ofPerson(msg.sender), amount, to);
    }

    /// @inheritdoc IEscrow
    function withdrawFromTeam(TeamId team, uint256 amount, address to) external nonReentrant {
        // Check
        IAccessControl(ACCESS_CONTROL).checkTeamRole(msg.sender, team, TeamRole.Admin);

        _withdraw(Accounts.ofTeam(team), amount, to);
    }

    /* LOCKS */

    /// @inheritdoc IEscrow
    function lock(JobId job, Account payer, uint64 amount) external onlyJobRegistry nonReentrant {
        Balance memory balance = _balances[payer];

        // Check
        require(amount > 0, ZeroAmount());
        require(_locks[job].amount == 0, AlreadyLocked(job));
        require(balance.available >= amount, InsufficientBalance(payer, balance.available, amount));

        // Effect
        _balances[payer] = Balance({available: balance.available - amount, locked: balance.locked + amount});
        _locks[job] = Lock({payer: payer, amount: amount});
        emit Locked({job: job, payer: payer, amount: amount});
    }

    /// @inheritdoc IEscrow
    function release(JobId job, Account payee, uint64 paid) external onlyJobRegistry nonReentrant returns (uint64 refunded) {
        Lock memory held = _locks[job];

        // Check
        require(held.amount > 0, NothingLocked(job));
        require(paid <= held.amount, PaidExceedsLock(job, paid, held.amount));
        require(paid == 0 || Account.unwrap(payee) != 0, ZeroAccount());

        // Effect
        delete _locks[job];
        refunded = held.amount - paid;
        Balance memory payer = _balances[held.payer];
        _balances[held.payer] = Balance({available: payer.available + refunded, locked: payer.locked - held.amount});
        // One after the other: payer and payee may be the same account.
        if (paid > 0) _balances[payee].available += paid;
        emit Released({job: job, payer: held.payer, payee: payee, paid: paid, refunded: refunded});
    }

    /* VIEWS */

    /// @inheritdoc IEscrow
    function balanceOf(Account account) external view returns (Balance memory) {
        return _balances[account];
    }

    /// @inheritdoc IEscrow
    function lockOf(JobId job) external view returns (Lock memory) {
        return _locks[job];
    }

    /// @inheritdoc IEscrow
    function accountOf(address person) external pure returns (Account) {
        return Accounts.ofPerson(person);
    }

    /// @inheritdoc IEscrow
    function accountOfTeam(TeamId team) external pure returns (Account) {
        return Accounts.ofTeam(team);
    }

    /* INTERNAL */

    function _checkJobRegistry() private view {
        require(msg.sender == JOB_REGISTRY, NotJobRegistry(msg.sender));
    }

    function _deposit(Account account, uint256 amount) private {
        // Check
        require(amount > 0, ZeroAmount());

        // Interaction, before the effect: only what really arrived is credited. The guard keeps everybody out in between.
        uint256 before = IERC20(USDC).balanceOf(address(this));
        IERC20(USDC).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(USDC).balanceOf(address(this)) - before;
        require(received == amount, UnexpectedTransfer(amount, received));

        // Effect
        _balances[account].available += amount.toUint128();
        emit Deposited({account: account, from: msg.sender, amount: amount});
    }

    function _withdraw(Account account, uint256 amount, address to) private {
        Balance storage balance = _balances[account];

        // Check
        require(amount > 0, ZeroAmount());
        require(to != address(0), ZeroReceiver());
        uint128 available = balance.available;
        require(available >= amount, InsufficientBalance(account, available, amount));

        // Effect
        balance.available = available - amount.toUint128();
        emit Withdrawn({account: account, to: to, amount: amount, by: msg.sender});

        // Interaction: a token that takes more than it was told would take it from somebody else's balance.
        uint256 before = IERC20(USDC).balanceOf(address(this));
        IERC20(USDC).safeTransfer(to, amount);
        uint256 sent = before - IERC20(USDC).balanceOf(address(this));
        require(sent == amount, UnexpectedTransfer(amount, sent));
    }
}
