// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl as IOpenZeppelin} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {IAccessControl} from "../../src/interfaces/IAccessControl.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {JobId, TeamId} from "../../src/types/Ids.sol";
import {Job, JobRequest, JobStatus, Terms} from "../../src/types/Job.sol";
import {Signing} from "../utils/Signing.sol";

/// @title SET-01: every status x every call x every caller x at every time, from one table
/// @notice `rules()` holds all that is allowed. Whatever is not in there has to revert, with exactly the error that `errorOf` names.
contract MatrixTest is Signing {
    /// Every function of the JobRegistry that acts on a job.
    enum Call {
        Route,
        Split,
        Start,
        Decline,
        Complete,
        Fail,
        Cancel,
        CancelBySignature,
        Extend,
        Expire,
        Dispute,
        SubmitEvidence,
        Rule,
        Resolve,
        Overturn
    }

    /// How long the job has been in its status.
    enum Moment {
        /// Just now.
        Fresh,
        /// The start deadline is over, the route deadline is not.
        Missed,
        /// Every deadline is over.
        Late
    }

    /// Bits of the callers.
    uint16 private constant REQUESTER = 1;
    uint16 private constant PROVIDER = 2;
    uint16 private constant DELEGATE = 4;
    uint16 private constant AGENT = 8;
    uint16 private constant MEMBER = 16;
    uint16 private constant VIEWER = 32;
    uint16 private constant KEY = 64;
    uint16 private constant JUDGE = 128;
    uint16 private constant CHALLENGER = 256;
    uint16 private constant OTHER = 512;
    uint16 private constant ANYONE = 1023;
    uint16 private constant NOBODY = 0;
    uint16 private constant BUYERS = REQUESTER | MEMBER;
    uint16 private constant SELLERS = PROVIDER | DELEGATE;

    address private immutable DELEGATED = makeAddr("delegate");
    address private immutable SESSION_KEY = makeAddr("session key");

    struct Rule {
        Call call;
        JobStatus from;
        JobStatus to;
        /// Who may call at each moment.
        uint16 fresh;
        uint16 missed;
        uint16 late;
    }

    /// The rules by what they are looked up by.
    mapping(Call call => mapping(JobStatus from => Rule)) private table;

    function rules() private pure returns (Rule[] memory list) {
        list = new Rule[](21);
        uint256 i = 0;
        // call, from, to, fresh, missed, late
        list[i++] = Rule(Call.Route, JobStatus.Requested, JobStatus.Routed, AGENT, AGENT, NOBODY);
        list[i++] = Rule(Call.Route, JobStatus.Routed, JobStatus.Routed, NOBODY, AGENT, NOBODY);
        list[i++] = Rule(Call.Split, JobStatus.Requested, JobStatus.Split, AGENT, AGENT, NOBODY);
        list[i++] = Rule(Call.Start, JobStatus.Routed, JobStatus.Running, SELLERS, NOBODY, NOBODY);
        list[i++] = Rule(Call.Decline, JobStatus.Routed, JobStatus.Requested, SELLERS, SELLERS, SELLERS);
        list[i++] = Rule(Call.Complete, JobStatus.Running, JobStatus.Settled, BUYERS | SELLERS, BUYERS | SELLERS, ANYONE);
        list[i++] = Rule(Call.Complete, JobStatus.Disputed, JobStatus.Settled, BUYERS, BUYERS, BUYERS);
        list[i++] = Rule(Call.Fail, JobStatus.Running, JobStatus.Failed, SELLERS, SELLERS, SELLERS);
        list[i++] = Rule(Call.Fail, JobStatus.Disputed, JobStatus.Failed, SELLERS, SELLERS, SELLERS);
        list[i++] = Rule(Call.Cancel, JobStatus.Requested, JobStatus.Cancelled, BUYERS | KEY, BUYERS | KEY, BUYERS | KEY);
        list[i++] = Rule(Call.Cancel, JobStatus.Routed, JobStatus.Cancelled, BUYERS | KEY, BUYERS | KEY, BUYERS | KEY);
        list[i++] = Rule(Call.CancelBySignature, JobStatus.Requested, JobStatus.Cancelled, ANYONE, ANYONE, ANYONE);
        list[i++] = Rule(Call.CancelBySignature, JobStatus.Routed, JobStatus.Cancelled, ANYONE, ANYONE, ANYONE);
        list[i++] = Rule(Call.Extend, JobStatus.Running, JobStatus.Running, BUYERS, BUYERS, NOBODY);
        list[i++] = Rule(Call.Expire, JobStatus.Requested, JobStatus.Expired, NOBODY, NOBODY, ANYONE);
        list[i++] = Rule(Call.Expire, JobStatus.Routed, JobStatus.Expired, NOBODY, NOBODY, ANYONE);
        list[i++] = Rule(Call.Dispute, JobStatus.Running, JobStatus.Disputed, BUYERS, BUYERS, NOBODY);
        list[i++] = Rule(Call.SubmitEvidence, JobStatus.Disputed, JobStatus.Disputed, BUYERS | SELLERS, BUYERS | SELLERS, BUYERS | SELLERS);
        list[i++] = Rule(Call.Rule, JobStatus.Disputed, JobStatus.Settled, JUDGE, JUDGE, JUDGE);
        list[i++] = Rule(Call.Resolve, JobStatus.Disputed, JobStatus.Settled, NOBODY, NOBODY, ANYONE);
        list[i++] = Rule(Call.Overturn, JobStatus.Routed, JobStatus.Requested, CHALLENGER, CHALLENGER, CHALLENGER);
        assert(i == list.length);
    }

    struct Cell {
        JobId job;
        JobStatus status;
        Call call;
        uint16 caller;
        Moment moment;
        bool isTeam;
        bool isPaused;
    }

    function setUp() public override {
        super.setUp();
        vm.prank(OWNER);
        providers.setDelegate(provider, DELEGATED, true);
        Rule[] memory list = rules();
        for (uint256 i = 0; i < list.length; ++i) {
            table[list[i].call][list[i].from] = list[i];
        }
    }

    function grantKey(address owner, TeamId of_) private {
        vm.prank(owner);
        access.grantSession(
            SESSION_KEY,
            IAccessControl.SessionLimits({total: 1, perPeriod: 1, period: 0, expiresAt: uint40(block.timestamp + 365 days), team: of_})
        );
    }

    function splittable(JobRequest memory asked) private pure returns (JobRequest memory) {
        asked.maxParts = 2;
        return asked;
    }

    function test_SET01_matrix_personalJob() public {
        walk(BUYER, splittable(aRequest()), false);
    }

    function test_SET01_matrix_personalJob_paused() public {
        walk(BUYER, splittable(aRequest()), true);
    }

    function test_SET01_matrix_teamJob() public {
        // The team's Admin asks, so that requester and member are two people.
        walk(TEAM_ADMIN, splittable(aTeamRequest()), false);
    }

    function walk(address by, JobRequest memory asked, bool pausedAfterwards) private {
        grantKey(by, asked.team);
        uint256 cells = 0;
        for (uint8 status = 0; status <= uint8(type(JobStatus).max); ++status) {
            uint256 beforeStatus = vm.snapshotState();
            Cell memory cell;
            cell.status = JobStatus(status);
            cell.isTeam = TeamId.unwrap(asked.team) != 0;
            cell.isPaused = pausedAfterwards;
            cell.job = status == 0 ? JobId.wrap(77) : jobIn(cell.status, by, asked);
            if (pausedAfterwards) {
                vm.prank(PAUSER);
                jobs.pause();
            }
            cells += walkStatus(cell, by, asked);
            vm.revertToStateAndDelete(beforeStatus);
        }
        assertEq(cells, 10 * 3 * 15 * 10);
    }

    function walkStatus(Cell memory cell, address by, JobRequest memory asked) private returns (uint256 cells) {
        uint256 since = vm.getBlockTimestamp();
        for (uint8 moment = 0; moment <= uint8(type(Moment).max); ++moment) {
            cell.moment = Moment(moment);
            if (cell.moment == Moment.Missed) vm.warp(since + 15 minutes + 1);
            if (cell.moment == Moment.Late) vm.warp(since + 30 days);
            for (uint8 call = 0; call <= uint8(type(Call).max); ++call) {
                for (uint16 caller = 1; caller <= OTHER; caller <<= 1) {
                    (cell.call, cell.caller) = (Call(call), caller);
                    uint256 memoryBefore = freeMemory();
                    uint256 before = vm.snapshotState();
                    checkCell(cell, by, asked);
                    vm.revertToStateAndDelete(before);
                    setFreeMemory(memoryBefore);
                    ++cells;
                }
            }
        }
    }

    function freeMemory() private pure returns (uint256 at) {
        assembly ("memory-safe") {
            at := mload(0x40)
        }
    }

    /// Nothing that was made for a cell is needed after it: thousands of them would not fit.
    function setFreeMemory(uint256 at) private pure {
        assembly ("memory-safe") {
            mstore(0x40, at)
        }
    }

    function checkCell(Cell memory cell, address requester, JobRequest memory asked) private {
        bytes memory data = calldataOf(cell, requester, asked);
        address caller = addressOf(cell.caller, requester);
        (bool allowed, JobStatus to) = isAllowed(cell);

        vm.prank(caller);
        (bool success, bytes memory answer) = address(jobs).call(data);

        if (allowed) {
            if (!success || statusOf(cell.job) != to) assertTrue(false, string.concat("should pass: ", nameOf(cell), vm.toString(answer)));
            return;
        }
        if (success) assertTrue(false, string.concat("should revert: ", nameOf(cell)));
        bytes memory wanted = errorOf(cell, caller);
        if (keccak256(answer) != keccak256(wanted)) assertEq(answer, wanted, nameOf(cell));
        if (cell.status != JobStatus.None && statusOf(cell.job) != cell.status) {
            assertTrue(false, string.concat("changed: ", nameOf(cell)));
        }
    }

    function isAllowed(Cell memory cell) private view returns (bool, JobStatus) {
        if (cell.isPaused && (cell.call == Call.Route || cell.call == Call.Split)) return (false, JobStatus.None);
        (bool found, Rule memory rule) = ruleOf(cell);
        if (!found) {
            // Whatever its status, a job that is not routed is no business of the Challenge's.
            bool isOverturn = cell.call == Call.Overturn && cell.caller == CHALLENGER && cell.status != JobStatus.None;
            return (isOverturn, cell.status);
        }
        return (allowedAt(rule, cell) & cell.caller != 0, rule.to);
    }

    function ruleOf(Cell memory cell) private view returns (bool found, Rule memory rule) {
        rule = table[cell.call][cell.status];
        // No rule leads to no status.
        return (rule.to != JobStatus.None, rule);
    }

    function allowedAt(Rule memory rule, Cell memory cell) private pure returns (uint16 who) {
        who = cell.moment == Moment.Fresh ? rule.fresh : cell.moment == Moment.Missed ? rule.missed : rule.late;
        // A personal job has no members: then they may what anyone may.
        if (!cell.isTeam && who != ANYONE) who &= ~MEMBER;
    }

    /// What a cell that is not allowed says: is there such a job, who routes, then the status, then who calls, then the time.
    function errorOf(Cell memory cell, address caller) private view returns (bytes memory) {
        bool isIntruder = cell.call == Call.Overturn && cell.caller != CHALLENGER;
        if (isIntruder) return abi.encodeWithSelector(IJobRegistry.NotChallenge.selector, caller);
        if (cell.status == JobStatus.None) return abi.encodeWithSelector(IJobRegistry.UnknownJob.selector, cell.job);
        bytes memory wrongStatus = abi.encodeWithSelector(IJobRegistry.WrongStatus.selector, cell.job, cell.status);
        (bool found, Rule memory rule) = ruleOf(cell);
        // A part of a split looks at the status first, a route at the router.
        if (cell.call == Call.Split && !found) return wrongStatus;
        if (cell.call == Call.Route || cell.call == Call.Split) {
            if (cell.isPaused) return abi.encodeWithSelector(IJobRegistry.IsPaused.selector);
            if (cell.caller != AGENT) return abi.encodeWithSelector(IAccessControl.NotRouter.selector, caller);
        }
        bool fresh = cell.call == Call.Route && cell.status == JobStatus.Routed && cell.moment == Moment.Fresh;
        if (!found || fresh) return wrongStatus;
        bytes memory who = errorOfCaller(cell, caller);
        // Nobody may: it is too early or too late for those that could.
        if (who.length > 0 && (everMay(rule, cell) & cell.caller == 0)) return who;
        return errorOfTime(cell);
    }

    /// Who may at some moment: those are told about the time.
    function everMay(Rule memory rule, Cell memory cell) private pure returns (uint16 who) {
        who = rule.fresh | rule.missed | (rule.late == ANYONE ? NOBODY : rule.late);
        if (!cell.isTeam) who &= ~MEMBER;
    }

    function errorOfCaller(Cell memory cell, address caller) private view returns (bytes memory) {
        Call call = cell.call;
        bool notRequester = call == Call.Cancel || call == Call.Extend || call == Call.Dispute
            || (call == Call.Complete && cell.status == JobStatus.Disputed);
        if (notRequester) return abi.encodeWithSelector(IJobRegistry.NotRequester.selector, cell.job, caller);
        bool notParty = call == Call.Complete || call == Call.SubmitEvidence;
        if (notParty) return abi.encodeWithSelector(IJobRegistry.NotParty.selector, cell.job, caller);
        bool notProvider = call == Call.Start || call == Call.Decline || call == Call.Fail;
        if (notProvider) return abi.encodeWithSelector(IJobRegistry.NotProvider.selector, cell.job, caller);
        if (call == Call.Rule) {
            return abi.encodeWithSelector(IOpenZeppelin.AccessControlUnauthorizedAccount.selector, caller, access.ARBITER_ROLE());
        }
        return "";
    }

    function errorOfTime(Cell memory cell) private view returns (bytes memory) {
        Job memory job = jobs.getJob(cell.job);
        Terms memory terms = termsOf(cell.job);
        uint256 last = job.time;
        bool tooEarly = cell.call == Call.Expire || cell.call == Call.Resolve;
        if (cell.call == Call.Expire && terms.routeDeadline > last) last = terms.routeDeadline;
        if (cell.call == Call.Resolve) last += 7 days;
        if (cell.call == Call.Route || cell.call == Call.Split) last = terms.routeDeadline;
        if (cell.call == Call.Extend) last += terms.duration;
        if (cell.call == Call.Dispute) last += terms.duration + 1 hours;
        bytes4 why = tooEarly ? IJobRegistry.DeadlineNotReached.selector : IJobRegistry.DeadlinePassed.selector;
        return abi.encodeWithSelector(why, cell.job, last, block.timestamp);
    }

    function calldataOf(Cell memory cell, address requester, JobRequest memory asked) private returns (bytes memory) {
        (JobId job, Terms memory terms) = (cell.job, termsOf(cell.job));
        if (cell.call == Call.Route) return abi.encodeCall(jobs.route, (job, terms, asked, aRouting()));
        if (cell.call == Call.Split) {
            uint16[] memory counts = new uint16[](2);
            (counts[0], counts[1]) = (1, 1);
            return abi.encodeCall(jobs.split, (job, terms, asked, counts));
        }
        if (cell.call == Call.Start) return abi.encodeCall(jobs.start, (job, terms));
        if (cell.call == Call.Decline) return abi.encodeCall(jobs.decline, (job, terms));
        if (cell.call == Call.Complete) return abi.encodeCall(jobs.complete, (job, terms));
        if (cell.call == Call.Fail) return abi.encodeCall(jobs.fail, (job, terms));
        if (cell.call == Call.Cancel) return abi.encodeCall(jobs.cancel, (job, terms));
        if (cell.call == Call.CancelBySignature) {
            bytes32 digest = digestOf(domainOf(address(jobs)), cancelHash(job, 0, type(uint256).max));
            bytes memory signature = signedBy(requester == BUYER ? "buyer" : "team admin", digest);
            return abi.encodeCall(jobs.cancelBySignature, (job, terms, 0, type(uint256).max, signature));
        }
        if (cell.call == Call.Extend) return abi.encodeCall(jobs.extend, (job, terms, 1 hours));
        if (cell.call == Call.Expire) return abi.encodeCall(jobs.expire, (job, terms));
        if (cell.call == Call.Dispute) return abi.encodeCall(jobs.dispute, (job, terms, "evidence"));
        if (cell.call == Call.SubmitEvidence) return abi.encodeCall(jobs.submitEvidence, (job, terms, "evidence"));
        if (cell.call == Call.Rule) return abi.encodeCall(jobs.rule, (job, terms, 0, "reason"));
        if (cell.call == Call.Resolve) return abi.encodeCall(jobs.resolve, (job, terms));
        return abi.encodeCall(jobs.overturn, (job, terms));
    }

    function addressOf(uint16 caller, address requester) private view returns (address) {
        if (caller == REQUESTER) return requester;
        if (caller == PROVIDER) return OWNER;
        if (caller == DELEGATE) return DELEGATED;
        if (caller == AGENT) return ROUTER;
        if (caller == MEMBER) return TEAM_USER;
        if (caller == VIEWER) return TEAM_VIEWER;
        if (caller == KEY) return SESSION_KEY;
        if (caller == JUDGE) return ARBITER;
        if (caller == CHALLENGER) return address(challenges);
        return STRANGER;
    }

    function nameOf(Cell memory cell) private pure returns (string memory) {
        return string.concat(
            "status ",
            vm.toString(uint8(cell.status)),
            ", call ",
            vm.toString(uint8(cell.call)),
            ", caller ",
            vm.toString(cell.caller),
            ", moment ",
            vm.toString(uint8(cell.moment)),
            " "
        );
    }
}
