// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControl} from "../../src/AccessControl.sol";
import {Escrow} from "../../src/Escrow.sol";
import {JobRegistry} from "../../src/JobRegistry.sol";
import {ProviderRegistry} from "../../src/ProviderRegistry.sol";
import {TeamId, Account, JobId, ListingId} from "../../src/types/Ids.sol";
import {JobStatus, Terms} from "../../src/types/Job.sol";
import {Listing, Outcome} from "../../src/types/Listing.sol";

// Contracts with one bug each, to show that the invariant of the same number finds it. Nothing else uses them.

/// 1: a withdrawal is forgotten, so that it can be made again with other people's money.
contract ForgetfulEscrow is Escrow {
    constructor(address usdc, address jobs, address access, address challenge) Escrow(usdc, jobs, access, challenge) {}

    function _debit(Account account, uint256 amount) internal override {
        if (amount % 2 == 0) super._debit(account, amount);
    }
}

/// 2: a little less is locked than the job was told.
contract StingyEscrow is Escrow {
    constructor(address usdc, address jobs, address access, address challenge) Escrow(usdc, jobs, access, challenge) {}

    function _lock(Account payer, uint64 amount) internal override {
        super._lock(payer, amount - 1);
    }
}

/// 3: the provider is paid without the fee being taken off.
contract GenerousEscrow is Escrow {
    constructor(address usdc, address jobs, address access, address challenge) Escrow(usdc, jobs, access, challenge) {}

    function _pay(Account payee, uint64 paid, uint64 fee, Account treasury) internal override {
        super._pay(payee, paid + fee, fee, treasury);
    }
}

/// 4: a cancelled job is not over.
contract UndeadJobs is JobRegistry {
    constructor(address escrow, address providers, address access, address challenge) JobRegistry(escrow, providers, access, challenge) {}

    function _end(JobId job, JobStatus status) internal override {
        if (status != JobStatus.Cancelled) super._end(job, status);
    }
}

/// 5: a price above the rate passes.
contract DearProviders is ProviderRegistry {
    constructor(address jobs, address access) ProviderRegistry(jobs, access) {}

    function _checkPrice(ListingId listing, Listing storage held, uint64 price, uint16 reserved) internal view override {
        if (price % 2 == 0) super._checkPrice(listing, held, price, reserved);
    }
}

/// 6: the meter runs on when the job's time is up.
contract RunawayMeter is JobRegistry {
    constructor(address escrow, address providers, address access, address challenge) JobRegistry(escrow, providers, access, challenge) {}

    function _elapsed(Terms calldata terms, uint40 startedAt) internal view override returns (uint32) {
        return super._elapsed(terms, startedAt) + 1;
    }
}

/// 7: a job that was never started cannot be expired.
contract DeadEndJobs is JobRegistry {
    constructor(address escrow, address providers, address access, address challenge) JobRegistry(escrow, providers, access, challenge) {}

    function _checkOver(JobId job, Terms calldata terms, uint40 deadline) internal view override {
        require(ListingId.unwrap(terms.listing) == 0, "the provider may still come");
        super._checkOver(job, terms, deadline);
    }
}

/// 8: a job that ends gives one GPU less back than it had.
contract LeakyProviders is ProviderRegistry {
    constructor(address jobs, address access) ProviderRegistry(jobs, access) {}

    function _free(ListingId listing, uint16 gpuCount, Outcome outcome, bool disputed) internal override {
        super._free(listing, gpuCount - 1, outcome, disputed);
    }
}

/// 9: what comes back is given back twice.
contract LavishBudgets is AccessControl {
    constructor(address jobs, address admin, address router, address verifier, address arbiter, address pauser)
        AccessControl(jobs, 1 days, admin, router, verifier, arbiter, pauser)
    {}

    function _restored(uint64 spent, uint64 amount) internal pure override returns (uint64) {
        return super._restored(super._restored(spent, amount), amount);
    }
}

/// 10: what was agreed is stored without its commitment.
contract AbsentMindedJobs is JobRegistry {
    constructor(address escrow, address providers, address access, address challenge) JobRegistry(escrow, providers, access, challenge) {}

    function _store(JobId job, Terms memory terms, JobStatus status, uint40 time) internal override {
        terms.commitment = 0;
        super._store(job, terms, status, time);
    }
}

/// 11: whoever asks is a requester.
contract OpenJobs is JobRegistry {
    constructor(address escrow, address providers, address access, address challenge) JobRegistry(escrow, providers, access, challenge) {}

    function _isRequester(Terms calldata) internal pure override returns (bool) {
        return true;
    }
}
