// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Accounts} from "../src/libraries/Accounts.sol";
import {Account, JobId, TeamId} from "../src/types/Ids.sol";

/// @title The Escrow's bookkeeping with totals beside it, for the SMTChecker
/// @dev Not a contract by itself: `contracts/tools/prove.ts` puts in the marked places what stands in the sources, word by word, and asks the
/// compiler's model checker whether an `assert` here can fail: from any balances and bonds whatsoever, with any arguments, for anybody.
///
/// Around each statement that writes a balance or a bond it puts two more: the totals less what the entry held, and then more by what it
/// holds. So a total is the sum over all entries, without a sum over a mapping, which the checker cannot write.
///
/// What is model and not source: the token is a number (`_tokens`) that moves in a transfer by whatever amount the token likes, but never out of
/// the Escrow otherwise; the call to the JobRegistry after a bond changed does nothing; who may call is not asked.
contract Ledger {
    // prove: declarations of contracts/src/interfaces/IEscrow.sol

    uint40 public constant BOND_DELAY = 3 days;

    mapping(Account account => Balance) internal _balances;
    mapping(address router => Bond) private _bonds;

    /// What the token says that the Escrow holds.
    uint256 private _tokens;
    /// What the token will take at the next transfer out.
    uint256 private _leaving;

    /// Sum of all that is available, locked or a bond.
    int256 private _total;
    /// Sum of all that is locked.
    int256 private _locked;
    int256 private _deposited;
    int256 private _withdrawn;
    /// Sum of the locks: what `lock` was told less what `release` was told.
    int256 private _locks;

    // prove: functions of contracts/src/Escrow.sol: lock release _lock _unlock _pay _credit _debit _withdraw
    // prove: functions of contracts/src/escrow/Bonds.sol: postBond announceBondExit withdrawBond slash forfeit _take

    /* WHAT HOLDS ALWAYS: at the start, and after each step if it held before, so after any number of steps */

    modifier keeps() {
        require(_total == _deposited - _withdrawn && _locked == _locks && _total <= int256(_tokens));
        // More than there is of any token; casts below it are exact.
        require(_tokens <= type(uint128).max);
        _;
        // The sum of all balances and bonds is what came in less what went out.
        assert(_total == _deposited - _withdrawn);
        // What is locked is the sum of the locks.
        assert(_locked == _locks);
        // The tokens cover the balances.
        assert(_total <= int256(_tokens));
    }

    /// Nothing has happened: all is zero.
    function atTheStart() external {
        (_total, _locked, _deposited, _withdrawn, _locks, _tokens) = (0, 0, 0, 0, 0, 0);
        assert(_total == _deposited - _withdrawn);
        assert(_locked == _locks);
        assert(_total <= int256(_tokens));
    }

    /* WHAT CAN BE DONE, in any order */

    function doLock(JobId job, Account payer, uint64 amount) external keeps {
        lock(job, payer, amount);
        _locks += int256(uint256(amount));
    }

    function doRelease(JobId job, Account payer, uint64 amount, Account payee, uint64 paid, uint64 fee, Account treasury) external keeps {
        release(job, payer, amount, payee, paid, fee, treasury);
        _locks -= int256(uint256(amount));
    }

    /// 96 bits here and below are more than there is of any token; with more the solver takes minutes.
    function doDeposit(address from, Account account, uint96 amount, uint96 arriving) external keeps {
        uint256 before = _tokens;
        _tokens = before + arriving;
        _deposited += int256(uint256(amount));
        _credit(from, account, amount, before);
    }

    function doWithdraw(Account account, uint96 amount, address to, uint96 leaving) external keeps {
        _leaving = leaving;
        _withdraw(account, amount, to);
        _withdrawn += int256(uint256(amount));
    }

    /// Somebody sends tokens without a deposit.
    function doDonate(uint128 amount) external keeps {
        _tokens += amount;
    }

    function doPostBond(uint96 amount) external keeps {
        postBond(amount);
    }

    function doAnnounceBondExit(uint96 amount) external keeps {
        announceBondExit(amount);
    }

    function doWithdrawBond() external keeps {
        withdrawBond();
    }

    function doSlash(address router, JobId job, uint96 amount, Account challenger, uint96 reward, Account buyer) external keeps {
        slash(router, job, amount, challenger, reward, buyer);
    }

    function doForfeit(address challenger, JobId job, uint96 amount, address router) external keeps {
        forfeit(challenger, job, amount, router);
    }

    /* THE TOKEN */

    function _held() private view returns (uint256) {
        return _tokens;
    }

    /// As OpenZeppelin's SafeCast, of which the checker would read a thousand lines.
    function _toUint128(uint256 value) private pure returns (uint128) {
        require(value <= type(uint128).max);
        return uint128(value);
    }

    function _send() private {
        _tokens -= _leaving;
    }
}
