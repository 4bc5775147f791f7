// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "../../src/interfaces/IAccessControl.sol";
import {Account, JobId, TeamId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Terms} from "../../src/types/Job.sol";
import {MoodyToken} from "./MoodyToken.sol";
import {World} from "./World.sol";

/// @title What buyers do: money, requests by hand and by session key, budgets, second thoughts
abstract contract Buyers is World {
    uint64 private constant MOST_JOBS = 50;

    /* MONEY */

    function deposit(uint256 who, uint256 amount, bool forTeam) external step("deposit") {
        address person = pick(who);
        amount = bound(amount, 1, 1e12);
        usdc.mint(person, amount);
        VM.startPrank(person);
        usdc.approve(address(escrow), amount);
        Account account = forTeam ? teamAccount() : personal(person);
        try escrow.depositTo(account, amount) {
            deposited += amount;
        } catch {
            require(usdc.mood() != MoodyToken.Mood.Good || usdc.blocked(person), "7: deposit refused");
        }
        VM.stopPrank();
    }

    function withdraw(uint256 who, uint256 amount) external step("withdraw") {
        address person = pick(who);
        uint256 most = available(personal(person));
        if (most == 0) return;
        amount = bound(amount, 1, most);
        VM.prank(person);
        try escrow.withdraw(amount, person) {
            withdrawn += amount;
        } catch {
            require(usdc.mood() != MoodyToken.Mood.Good || usdc.blocked(person), "7: withdrawal refused");
        }
    }

    function withdrawFromTeam(uint256 amount) external step("withdrawFromTeam") {
        uint256 most = available(teamAccount());
        if (most == 0) return;
        amount = bound(amount, 1, most);
        VM.prank(people[0]);
        try escrow.withdrawFromTeam(team, amount, people[0]) {
            withdrawn += amount;
        } catch {
            require(usdc.mood() != MoodyToken.Mood.Good || usdc.blocked(people[0]), "7: withdrawal refused");
        }
    }

    function donate(uint256 amount) external step("donate") {
        amount = bound(amount, 1, 1e9);
        usdc.mint(address(escrow), amount);
        donated += amount;
    }

    /// The token's weather. Half of the time it is fine.
    function setMood(uint256 mood, uint256 who) external step("setMood") {
        usdc.setMood(mood % 2 == 0 ? MoodyToken.Mood.Good : MoodyToken.Mood(mood / 2 % 4));
        usdc.setBlocked(pick(who), mood % 3 == 0);
    }

    /* REQUESTS */

    function request(uint256 who, uint256 a, uint64 price, bool forTeam, bool byKey) external step("request") {
        if (jobs.jobCount() >= MOST_JOBS || jobs.paused()) return;
        // Person 0 is the team's Admin, person 1 its User.
        address person = byKey ? key.owner : forTeam ? people[who % 2] : pick(who);
        if (person == address(0)) return;
        JobRequest memory asked = anything(a, price);
        if (byKey) asked.team = key.team;
        else if (forTeam) asked.team = team;
        asked.tracked = a % 3 > 0 || TeamId.unwrap(asked.team) != 0;

        uint64 locked = expectedLock(asked);
        bool mayAsk = available(payerOf(asked, person)) >= locked && fitsBudget(asked, person, locked) && (!byKey || fitsKey(locked));
        VM.prank(byKey ? KEY : person);
        (bool success, bytes memory result) =
            address(jobs).call(byKey ? abi.encodeCall(jobs.requestFor, (person, asked)) : abi.encodeCall(jobs.request, (asked)));
        require(success == mayAsk, byKey ? "9: session" : "9: budget");
        if (!success) return;
        noteRequest(abi.decode(result, (JobId)), person, asked, locked);
        noteCharge(asked.team, person, locked);
        if (byKey) key.spent += locked;
        ++calls[byKey ? bytes32("requested by key") : bytes32("requested")];
    }

    function cancel(uint256 which, bool routed, bool byKey) external step("cancel") {
        (JobId job, bool found) = pickJob(which, routed ? JobStatus.Routed : JobStatus.Requested);
        if (!found) return;
        Ghost storage ghost = ghosts[JobId.unwrap(job)];
        Terms memory terms = ghost.terms;
        bool theirs = terms.requester == key.owner && isKeyAlive() && TeamId.unwrap(terms.team) == TeamId.unwrap(key.team);
        uint256[3] memory before = balancesOf(terms);
        VM.prank(byKey && theirs ? KEY : terms.requester);
        jobs.cancel(job, terms);
        checkPaid(terms, before, 0);
        noteEnd(ghost, JobStatus.Cancelled, 0);
        ++calls["cancelled"];
    }

    function extend(uint256 which, uint32 extra) external step("extend") {
        (JobId job, bool found) = pickJob(which, JobStatus.Running);
        if (!found) return;
        Ghost storage ghost = ghosts[JobId.unwrap(job)];
        Terms memory terms = ghost.terms;
        extra = uint32(bound(extra, 1, 2 days));
        VM.prank(terms.requester);
        try jobs.extend(job, terms, extra) {
            ghost.terms.duration += extra;
            uint256 needed = (uint256(terms.pricePerGpuHour) * terms.gpuCount * ghost.terms.duration + 3599) / 3600;
            if (needed > terms.locked) {
                ghost.terms.locked = uint64(needed);
                noteCharge(terms.team, terms.requester, uint64(needed) - terms.locked);
            }
            ++calls["extended"];
        } catch {
            ++calls["extension refused"];
        }
    }

    function dispute(uint256 which) external step("dispute") {
        (JobId job, bool found) = pickJob(which, JobStatus.Running);
        if (!found) return;
        Ghost storage ghost = ghosts[JobId.unwrap(job)];
        if (now_() > uint256(ghost.time) + ghost.terms.duration + 1 hours) return;
        VM.prank(ghost.terms.requester);
        jobs.dispute(job, ghost.terms, keccak256("evidence"));
        ghost.due = dueOf(ghost);
        (ghost.status, ghost.time) = (JobStatus.Disputed, now_());
        ++calls["disputed"];
    }

    /* TEAMS AND KEYS */

    function setBudgets(uint64 limit, uint64 ofMember, uint32 period_) external step("setBudgets") {
        (teamLimit, memberLimit) = (uint64(bound(limit, 0, 1e10)), uint64(bound(ofMember, 0, 1e10)));
        // Every other time without limits: else nothing would ever be asked for.
        if (limit % 2 == 0) (teamLimit, memberLimit) = (type(uint64).max, type(uint64).max);
        period_ = period_ % 3 == 0 ? uint32(bound(period_, 1 hours, 30 days)) : period;
        VM.startPrank(people[0]);
        access.setTeamBudget(team, teamLimit, period_);
        access.setMemberBudget(team, people[1], memberLimit);
        VM.stopPrank();
        if (period_ == period) {
            periodFrom = periodStart();
            return;
        }
        // What was charged in a period's first second stays in it, also when its length changes in that second.
        if (periodStart() != now_()) firstCharge = charges.length;
        (period, periodFrom) = (period_, now_());
    }

    function grant(uint64 total, uint64 perPeriod, uint32 period_, uint40 life, bool forTeam) external step("grant") {
        key = Key({
            owner: people[1],
            team: forTeam ? team : TeamId.wrap(0),
            total: uint64(bound(total, 1, 1e11)),
            perPeriod: uint64(bound(perPeriod, 1, 1e11)),
            period: period_ % 2 == 0 ? 0 : uint32(bound(period_, 1, 30 days)),
            expiresAt: now_() + uint40(bound(life, 1, 10 days)),
            grantedAt: now_(),
            dead: false,
            spent: 0
        });
        delete keySpends;
        VM.prank(people[1]);
        access.grantSession(KEY, IAccessControl.SessionLimits(key.total, key.perPeriod, key.period, key.expiresAt, key.team));
    }

    function revoke(uint256 how) external step("revoke") {
        if (key.owner == address(0)) return;
        key.dead = true;
        if (how % 3 == 0) {
            VM.prank(key.owner);
            access.revokeAllSessions();
            return;
        }
        VM.prank(how % 3 == 1 ? key.owner : KEY);
        access.revokeSession(key.owner, KEY);
    }

    /* WHAT IS EXPECTED */

    struct KeySpend {
        uint40 at;
        uint64 amount;
    }

    KeySpend[] private keySpends;

    function isKeyAlive() internal view returns (bool) {
        return key.owner != address(0) && !key.dead && now_() < key.expiresAt;
    }

    function fitsKey(uint64 amount) private returns (bool) {
        if (!isKeyAlive()) return false;
        uint256 inPeriod = 0;
        for (uint256 i = 0; i < keySpends.length; ++i) {
            bool isNow = key.period == 0 || (keySpends[i].at - key.grantedAt) / key.period == (now_() - key.grantedAt) / key.period;
            if (isNow) inPeriod += keySpends[i].amount;
        }
        bool fits = key.spent + amount <= key.total && inPeriod + amount <= key.perPeriod;
        // What does not fit here may still be refused for another reason; then the caller counts nothing.
        if (fits && available(payerOf(key)) >= amount && fitsBudget(key.team, key.owner, amount)) {
            keySpends.push(KeySpend(now_(), amount));
        }
        return fits;
    }

    function fitsBudget(JobRequest memory asked, address person, uint64 amount) private view returns (bool) {
        return fitsBudget(asked.team, person, amount);
    }

    function fitsBudget(TeamId team_, address person, uint64 amount) private view returns (bool) {
        if (TeamId.unwrap(team_) == 0) return true;
        uint256 ofTeam = amount;
        uint256 ofMember = amount;
        uint40 start = periodStart();
        for (uint256 i = firstCharge; i < charges.length; ++i) {
            Charge storage charge = charges[i];
            if (charge.at < start) continue;
            uint256 standing = charge.amount - (charge.at > start ? charge.restored : 0);
            ofTeam += standing;
            if (charge.member == person) ofMember += standing;
        }
        return ofTeam <= teamLimit && (person == people[0] || ofMember <= memberLimit);
    }

    function expectedLock(JobRequest memory asked) private pure returns (uint64) {
        uint256 whole = (uint256(asked.maxPricePerGpuHour) * asked.gpuCount * asked.duration + 3599) / 3600;
        return uint64(asked.maxParts > 1 ? whole + asked.maxParts - 1 : whole);
    }

    function payerOf(JobRequest memory asked, address person) private view returns (Account) {
        return TeamId.unwrap(asked.team) == 0 ? personal(person) : teamAccount();
    }

    function payerOf(Key memory of_) private view returns (Account) {
        return TeamId.unwrap(of_.team) == 0 ? personal(of_.owner) : teamAccount();
    }

    function anything(uint256 a, uint64 price) private view returns (JobRequest memory asked) {
        asked.gpuModel = "h100";
        asked.gpuCount = uint16(bound(a, 1, 4));
        asked.maxParts = a % 4 == 0 ? 3 : 0;
        asked.duration = uint32(bound(a >> 16, 60, 3 days));
        asked.maxPricePerGpuHour = uint64(bound(price, 1_500_000, 5_000_000));
        asked.routeDeadline = now_() + uint40(bound(a >> 48, 1, 1 days));
        asked.startWindow = uint32(bound(a >> 80, 60, a % 2 == 0 ? 10 minutes : 1 days));
        asked.attestations = a % 7 == 0 ? 1 : 0;
        asked.uptimeWeight = uint16(bound(a >> 112, 0, 10_000));
        asked.riskWeight = uint16(bound(a >> 128, 0, 10_000));
    }
}
