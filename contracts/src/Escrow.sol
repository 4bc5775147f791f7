// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Bonds} from "./escrow/Bonds.sol";
import {IAccessControl, TeamRole} from "./interfaces/IAccessControl.sol";
import {IChallenge} from "./interfaces/IChallenge.sol";
import {Funding, FundingMethod, IEscrow} from "./interfaces/IEscrow.sol";
import {IJobRegistry} from "./interfaces/IJobRegistry.sol";
import {Accounts} from "./libraries/Accounts.sol";
import {Account, JobId, TeamId} from "./types/Ids.sol";

/// @dev Steps are `virtual` for the tests' broken doubles only (`contracts/test/invariant/Doubles.sol`), here and in the other contracts.
contract Escrow is Bonds, ReentrancyGuardTransient {
    using Accounts for Account;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @inheritdoc IEscrow
    address public immutable USDC;
    /// @inheritdoc IEscrow
    address public immutable ACCESS_CONTROL;

    modifier onlyJobRegistry() {
        _checkJobRegistry();
        _;
    }

    /// @param jobRegistry has to be deployed already, for this very Escrow
    /// @param challenge need not be deployed yet; it refuses to be when it is not the one meant here
    constructor(address usdc, address jobRegistry, address accessControl, address challenge) Bonds(jobRegistry, challenge) {
        IJobRegistry jobs = IJobRegistry(jobRegistry);
        _checkWiring(address(this), jobs.ESCROW());
        _checkWiring(accessControl, jobs.ACCESS_CONTROL());
        _checkWiring(challenge, jobs.CHALLENGE());
        USDC = usdc;
        ACCESS_CONTROL = accessControl;
    }

    /* MONEY IN AND OUT */

    /// @inheritdoc IEscrow
    function deposit(uint256 amount) external nonReentrant {
        _pull(msg.sender, Accounts.ofPerson(msg.sender), amount);
    }

    /// @inheritdoc IEscrow
    function depositTo(Account account, uint256 amount) external nonReentrant {
        // Check
        _checkAccount(account);

        _pull(msg.sender, account, amount);
    }

    /// @inheritdoc IEscrow
    function depositWith(address from, Account account, Funding calldata funding) external nonReentrant {
        // Check
        require(msg.sender == from || funding.method == FundingMethod.Authorization, NotPayer(from, msg.sender));
        _checkAccount(account);

        _fund(from, account, funding);
    }

    /// @inheritdoc IEscrow
    function fundFrom(address from, Funding calldata funding) external onlyJobRegistry nonReentrant {
        _fund(from, Accounts.ofPerson(from), funding);
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

    /* LOCKS: they touch no token, so nobody can get in between */

    /// @inheritdoc IEscrow
    function lock(JobId job, Account payer, uint64 amount) external onlyJobRegistry {
        _lock(payer, amount);
        emit Locked({job: job, payer: payer, amount: amount});
    }

    /// @inheritdoc IEscrow
    function release(JobId job, Account payer, uint64 locked, Account payee, uint64 paid, uint64 fee, Account treasury)
        external
        onlyJobRegistry
    {
        // Check
        require(paid <= locked && fee <= paid, PaidExceedsLock(job, paid, locked));
        require(paid == fee || Account.unwrap(payee) != 0, ZeroAccount());
        require(fee == 0 || Account.unwrap(treasury) != 0, ZeroAccount());

        // Effect
        _unlock(payer, locked, paid);
        // One after the other: payer, payee and treasury may be the same account.
        _pay(payee, paid, fee, treasury);
        emit Released({job: job, payer: payer, payee: payee, paid: paid, fee: fee, refunded: locked - paid});
    }

    /* VIEWS */

    /// @inheritdoc IEscrow
    function authorizationNonce(Account account, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), account, salt));
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

    function _checkWiring(address wanted, address found) private pure {
        require(found == wanted, WrongWiring(wanted, found));
    }

    function _checkJobRegistry() private view {
        require(msg.sender == JOB_REGISTRY, NotJobRegistry(msg.sender));
    }

    function _checkAccount(Account account) private view {
        require(Account.unwrap(account) != 0, ZeroAccount());
        require(account.isValid(), InvalidAccount(account));
        TeamId team = account.teamOf();
        require(TeamId.unwrap(team) <= IAccessControl(ACCESS_CONTROL).teamCount(), UnknownTeam(team));
    }

    function _fund(address from, Account account, Funding calldata funding) private {
        if (funding.method == FundingMethod.Authorization) {
            _receive(from, account, funding);
            return;
        }
        if (funding.method == FundingMethod.Permit) {
            // Somebody may have brought the permit before: then its allowance is there, and if not the transfer says so.
            // solhint-disable no-empty-blocks
            try IERC20Permit(USDC).permit(from, address(this), funding.amount, funding.validBefore, funding.v, funding.r, funding.s) {}
                catch {}
            // solhint-enable no-empty-blocks
        }
        _pull(from, account, funding.amount);
    }

    function _pull(address from, Account account, uint256 amount) private {
        // Interaction, before the effect: only what really arrived is credited. The guard keeps everybody out in between.
        uint256 before = _held();
        IERC20(USDC).safeTransferFrom(from, address(this), amount);
        _credit(from, account, amount, before);
    }

    function _receive(address from, Account account, Funding calldata funding) private {
        // Interaction, before the effect, as above.
        uint256 before = _held();
        IERC3009(USDC)
            .receiveWithAuthorization(
                from,
                address(this),
                funding.amount,
                funding.validAfter,
                funding.validBefore,
                authorizationNonce(account, funding.salt),
                funding.v,
                funding.r,
                funding.s
            );
        _credit(from, account, funding.amount, before);
    }

    function _credit(address from, Account account, uint256 amount, uint256 before) private {
        // Check
        require(amount > 0, ZeroAmount());
        uint256 received = _held() - before;
        require(received == amount, UnexpectedTransfer(amount, received));

        // Effect
        _balances[account].available += amount.toUint128();
        emit Deposited({account: account, from: from, amount: amount});
    }

    function _lock(Account payer, uint64 amount) internal virtual {
        // Check
        Balance memory balance = _balances[payer];
        require(balance.available >= amount, InsufficientBalance(payer, balance.available, amount));

        // Effect
        _balances[payer] = Balance({available: balance.available - amount, locked: balance.locked + amount});
    }

    function _unlock(Account payer, uint64 locked, uint64 paid) internal virtual {
        Balance memory balance = _balances[payer];
        _balances[payer] = Balance({available: balance.available + (locked - paid), locked: balance.locked - locked});
    }

    function _pay(Account payee, uint64 paid, uint64 fee, Account treasury) internal virtual {
        if (paid > fee) _balances[payee].available += paid - fee;
        if (fee > 0) _balances[treasury].available += fee;
    }

    function _withdraw(Account account, uint256 amount, address to) private {
        // Check
        require(amount > 0, ZeroAmount());
        require(to != address(0), ZeroReceiver());
        uint128 available = _balances[account].available;
        require(available >= amount, InsufficientBalance(account, available, amount));

        // Effect
        _debit(account, amount);
        emit Withdrawn({account: account, to: to, amount: amount, by: msg.sender});

        // Interaction: a token that takes more than it was told would take it from somebody else's balance.
        uint256 before = _held();
        IERC20(USDC).safeTransfer(to, amount);
        uint256 sent = before - _held();
        require(sent == amount, UnexpectedTransfer(amount, sent));
    }

    function _debit(Account account, uint256 amount) internal virtual {
        _balances[account].available -= amount.toUint128();
    }

    function _held() private view returns (uint256) {
        return IERC20(USDC).balanceOf(address(this));
    }
}
