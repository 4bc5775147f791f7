// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {StdUtils} from "forge-std/StdUtils.sol";
import {Vm} from "forge-std/Vm.sol";

import {AccessControl} from "../../src/AccessControl.sol";
import {Challenge} from "../../src/Challenge.sol";
import {Escrow} from "../../src/Escrow.sol";
import {JobRegistry} from "../../src/JobRegistry.sol";
import {ProviderRegistry} from "../../src/ProviderRegistry.sol";
import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {Candidate} from "../../src/types/Candidate.sol";
import {Account, JobId, ListingId, ProviderId, TeamId} from "../../src/types/Ids.sol";
import {Job, JobRequest, JobStatus, Routing, Terms} from "../../src/types/Job.sol";
import {MoodyToken} from "./MoodyToken.sol";

/// @title Who and what there is, and what is remembered of it
/// @notice The ghosts are kept from what was asked for and answered, by arithmetic of their own, never read back from the contracts. After each
/// step `observe` compares them with the chain and reverts with the number of the invariant that does not hold.
abstract contract World is StdUtils {
    /// What is remembered of a job.
    struct Ghost {
        JobRequest asked;
        Terms terms;
        JobStatus status;
        uint40 time;
        Routing routing;
        Candidate chosen;
        Candidate other;
        /// Left the payer.
        uint64 paid;
        uint64 due;
        bool upheld;
    }

    /// What was counted in a team's budgets, for the independent sum.
    struct Charge {
        address member;
        uint40 at;
        uint64 amount;
        uint64 restored;
    }

    struct Key {
        address owner;
        TeamId team;
        uint64 total;
        uint64 perPeriod;
        uint32 period;
        uint40 expiresAt;
        uint40 grantedAt;
        bool dead;
        uint64 spent;
    }

    Vm internal constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    AccessControl public access;
    ProviderRegistry public providers;
    JobRegistry public jobs;
    Escrow public escrow;
    Challenge public challenges;
    MoodyToken public usdc;
    TeamId public team;
    ProviderId public provider;

    /// Team admin, team user, buyer, stranger, provider's owner, its delegate, challenger, treasury, router.
    address[] public people;
    Account[] public accounts;
    ListingId[] public listings;
    address public owner;
    address public delegate;
    address public challenger;
    address public treasury;
    address public router;
    address public admin;
    address public pauser;
    address public arbiter;
    address public verifier;
    address public constant KEY = address(0x5E55);
    address public constant NOBODY = address(0xBEEF);

    mapping(uint64 job => Ghost) internal ghosts;
    Charge[] internal charges;
    /// From which charge on, and since when, the period that the Admin began lasts.
    uint256 internal firstCharge;
    uint40 internal periodFrom;
    uint32 internal period = 30 days;
    uint64 internal teamLimit = type(uint64).max;
    uint64 internal memberLimit = type(uint64).max;
    Key internal key;

    uint256 public deposited;
    uint256 public withdrawn;
    uint256 public donated;
    /// How often a step did its work: a run in which nothing happens proves nothing.
    mapping(bytes32 step => uint256) public calls;

    /// Counts the steps.
    uint256 private turn;

    modifier step(bytes32 name) {
        _;
        ++calls[name];
        ++turn;
        observe();
    }

    function setWorld(
        address[] calldata contracts,
        TeamId team_,
        ProviderId provider_,
        address[] calldata people_,
        address[] calldata platform,
        ListingId[] calldata listings_
    ) external {
        access = AccessControl(contracts[0]);
        providers = ProviderRegistry(contracts[1]);
        jobs = JobRegistry(contracts[2]);
        escrow = Escrow(contracts[3]);
        challenges = Challenge(contracts[4]);
        usdc = MoodyToken(escrow.USDC());
        (team, provider, people, listings) = (team_, provider_, people_, listings_);
        (owner, delegate, challenger, treasury, router) = (people_[4], people_[5], people_[6], people_[7], people_[8]);
        (admin, pauser, arbiter, verifier) = (platform[0], platform[1], platform[2], platform[3]);
        for (uint256 i = 0; i < people_.length; ++i) {
            accounts.push(escrow.accountOf(people_[i]));
        }
        accounts.push(teamAccount());
        deposited = usdc.balanceOf(address(escrow));
        (,, periodFrom) = access.teamBudget(team);
    }

    /* WHAT HOLDS AFTER EVERY STEP */

    function observe() public view {
        money();
        jobsAndLocks();
        capacity();
        budgets();
        powers();
    }

    /// 1 and 2: the Escrow holds what it owes, to the last unit, and donations on top.
    function money() private view {
        uint256 owed = 0;
        for (uint256 i = 0; i < accounts.length; ++i) {
            IEscrow.Balance memory balance = escrow.balanceOf(accounts[i]);
            owed += balance.available + balance.locked;
        }
        owed += escrow.bondOf(router).amount;
        uint256 held = usdc.balanceOf(address(escrow));
        require(held >= owed, "1: solvency");
        require(held == owed + donated, "1: to the last unit");
        require(owed == deposited - withdrawn, "1: in and out");
    }

    /// 2, 3, 4, 6 and 10, job by job.
    function jobsAndLocks() private view {
        uint256 live = 0;
        for (uint64 i = 1; i <= jobs.jobCount(); ++i) {
            Ghost storage ghost = ghosts[i];
            Job memory job = jobs.getJob(JobId.wrap(i));
            require(job.status == ghost.status, "4: status");
            require(job.time == ghost.time, "6: clock");
            // All that still changes, and in turn one of those that must not.
            if (!isLive(job.status) && i != turn % jobs.jobCount() + 1) continue;
            require(job.termsHash == bytes26(keccak256(abi.encode(ghost.terms))), "10: terms");
            if (isLive(job.status)) live += ghost.terms.locked;
            require(ghost.paid <= ghost.terms.locked, "3: paid more than locked");
        }
        uint256 locked = 0;
        for (uint256 i = 0; i < accounts.length; ++i) {
            locked += escrow.balanceOf(accounts[i]).locked;
        }
        require(locked == live, "2: sum of locks");
    }

    /// 8: what is reserved is what routed and running jobs use.
    function capacity() private view {
        for (uint256 i = 0; i < listings.length; ++i) {
            uint256 used = 0;
            for (uint64 j = 1; j <= jobs.jobCount(); ++j) {
                Ghost storage ghost = ghosts[j];
                bool uses = ghost.status == JobStatus.Routed || ghost.status == JobStatus.Running;
                if (uses && same(ghost.terms.listing, listings[i])) used += ghost.terms.gpuCount;
            }
            require(providers.getListing(listings[i]).reserved == used, "8: reserved");
            require(used <= providers.getListing(listings[i]).total, "8: total");
        }
    }

    /// 9: the budgets are the sum of what was charged in this period and did not come back.
    function budgets() private view {
        uint40 start = periodStart();
        uint256 ofTeam = 0;
        uint256[2] memory ofMember;
        for (uint256 i = firstCharge; i < charges.length; ++i) {
            Charge storage charge = charges[i];
            if (charge.at < start) continue;
            uint256 standing = charge.amount - (charge.at > start ? charge.restored : 0);
            ofTeam += standing;
            ofMember[charge.member == people[0] ? 0 : 1] += standing;
        }
        (AccessControl.Budget memory budget,,) = access.teamBudget(team);
        require(budget.spent == ofTeam, "9: team's budget");
        require(access.memberBudget(team, people[0]).spent == ofMember[0], "9: Admin's budget");
        require(access.memberBudget(team, people[1]).spent == ofMember[1], "9: User's budget");
        AccessControl.Session memory session = access.sessionOf(key.owner, KEY);
        require(session.spent == key.spent && session.spent <= key.total, "9: session");
    }

    /// 11: nobody gained a power that was not given, and nobody's bond or role is out of step with who may route.
    function powers() private view {
        require(!access.hasRole(access.ROUTER_ROLE(), people[3]), "11: router");
        require(uint8(access.roleOf(team, address(this))) == 0, "11: member");
        require(usdc.balanceOf(address(this)) == 0, "11: money");
    }

    /* GHOSTS */

    function ghostOf(uint64 job) external view returns (Ghost memory) {
        return ghosts[job];
    }

    function accountsLength() external view returns (uint256) {
        return accounts.length;
    }

    function listingsLength() external view returns (uint256) {
        return listings.length;
    }

    function noteRequest(JobId job, address by, JobRequest memory asked, uint64 locked) internal {
        Ghost storage ghost = ghosts[JobId.unwrap(job)];
        ghost.asked = asked;
        ghost.status = JobStatus.Requested;
        ghost.time = asked.routeDeadline;
        Terms storage terms = ghost.terms;
        terms.requester = by;
        terms.team = asked.team;
        terms.requestedAt = now_();
        terms.routeDeadline = asked.routeDeadline;
        terms.gpuCount = asked.gpuCount;
        terms.duration = asked.duration;
        terms.locked = locked;
        terms.requestHash = keccak256(abi.encode(asked));
    }

    function noteReopened(Ghost storage ghost) internal {
        Terms storage terms = ghost.terms;
        terms.provider = address(0);
        terms.listing = ListingId.wrap(0);
        terms.pricePerGpuHour = 0;
        terms.fee = 0;
        terms.router = address(0);
        terms.routedAt = 0;
        terms.commitment = 0;
        (ghost.status, ghost.time) = (JobStatus.Requested, terms.routeDeadline);
    }

    function noteCharge(TeamId team_, address member, uint64 amount) internal {
        if (TeamId.unwrap(team_) == 0) return;
        charges.push(Charge({member: member, at: now_(), amount: amount, restored: 0}));
    }

    /// What came back of a job goes back to the charges of the period in which it was asked for, if that lasts.
    function noteRestored(Terms memory terms, uint64 amount) internal {
        if (TeamId.unwrap(terms.team) == 0 || terms.requestedAt <= periodStart()) return;
        for (uint256 i = charges.length; i > firstCharge && amount > 0; --i) {
            Charge storage charge = charges[i - 1];
            if (charge.member != terms.requester || charge.at < periodStart()) continue;
            uint64 open = charge.amount - charge.restored;
            uint64 part = amount < open ? amount : open;
            charge.restored += part;
            amount -= part;
        }
        require(amount == 0, "9: more came back than was charged");
    }

    /// Ends a job in the ghosts. @param paid left the payer
    function noteEnd(Ghost storage ghost, JobStatus status, uint64 paid) internal {
        noteRestored(ghost.terms, ghost.terms.locked - paid);
        (ghost.status, ghost.time, ghost.paid) = (status, now_(), paid);
    }

    /// @return what a meter of our own says: 6
    function dueOf(Ghost storage ghost) internal view returns (uint64) {
        uint256 ran = now_() - ghost.time;
        if (ran > ghost.terms.duration) ran = ghost.terms.duration;
        return uint64(uint256(ghost.terms.pricePerGpuHour) * ghost.terms.gpuCount * ran / 3600);
    }

    /// 3: what left the payer is what reached provider and treasury, and the rest of the lock came back.
    function checkPaid(Terms memory terms, uint256[3] memory before, uint64 paid) internal view {
        uint256[3] memory afterwards = balancesOf(terms);
        uint256 fee = uint256(paid) * terms.fee / 10_000;
        uint256[3] memory gained = [uint256(terms.locked - paid), paid - fee, fee];
        address[3] memory who = [payerAddress(terms), terms.provider, treasury];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 expected = 0;
            for (uint256 j = 0; j < 3; ++j) {
                if (who[i] == who[j]) expected += gained[j];
            }
            require(i > 0 || afterwards[i] == before[i] + expected, "6: meter");
            require(afterwards[i] == before[i] + expected, "3: conservation");
        }
    }

    function balancesOf(Terms memory terms) internal view returns (uint256[3] memory) {
        return [available(payerOf(terms)), available(personal(terms.provider)), available(personal(treasury))];
    }

    /* SMALL WORDS */

    function now_() internal view returns (uint40) {
        return uint40(VM.getBlockTimestamp());
    }

    function isLive(JobStatus status) internal pure returns (bool) {
        return status == JobStatus.Requested || status == JobStatus.Routed || status == JobStatus.Running || status == JobStatus.Disputed;
    }

    function periodStart() internal view returns (uint40) {
        return now_() - (now_() - periodFrom) % period;
    }

    function same(ListingId a, ListingId b) internal pure returns (bool) {
        return ListingId.unwrap(a) == ListingId.unwrap(b);
    }

    function personal(address person) internal pure returns (Account) {
        return Account.wrap(uint160(person));
    }

    function teamAccount() internal view returns (Account) {
        return Account.wrap(uint192(TeamId.unwrap(team)) << 160);
    }

    function payerOf(Terms memory terms) internal view returns (Account) {
        return TeamId.unwrap(terms.team) == 0 ? personal(terms.requester) : teamAccount();
    }

    /// A stand-in for comparing: no person has the team's.
    function payerAddress(Terms memory terms) private pure returns (address) {
        return TeamId.unwrap(terms.team) == 0 ? terms.requester : address(1);
    }

    function available(Account account) internal view returns (uint256) {
        return escrow.balanceOf(account).available;
    }

    function pick(uint256 who) internal view returns (address) {
        return people[who % people.length];
    }

    /// The first job in `status` from a random one on.
    function pickJob(uint256 which, JobStatus status) internal view returns (JobId, bool) {
        uint64 count = jobs.jobCount();
        for (uint64 i = 0; i < count; ++i) {
            uint64 job = uint64((which % count + i) % count) + 1;
            if (ghosts[job].status == status) return (JobId.wrap(job), true);
        }
        return (JobId.wrap(0), false);
    }
}
