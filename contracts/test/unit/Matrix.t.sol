// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "../../src/interfaces/IAccessControl.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {JobId, TeamId} from "../../src/types/Ids.sol";
import {Job, JobRequest, JobStatus, Routing} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title Every status x every call x every caller x before and after the deadline, from one table
/// @notice `rules()` holds all that is allowed. Whatever is not in there has to revert, with exactly the error that `errorOf` names.
contract MatrixTest is Base {
    enum Call {
        Route,
        Start,
        Complete,
        Fail,
        Cancel,
        Expire
    }

    /// Bits of the callers.
    uint8 private constant REQUESTER = 1;
    uint8 private constant PROVIDER = 2;
    uint8 private constant AGENT = 4;
    uint8 private constant MEMBER = 8;
    uint8 private constant VIEWER = 16;
    uint8 private constant OTHER = 32;
    uint8 private constant ANYONE = 63;
    uint8 private constant NOBODY = 0;

    struct Rule {
        Call call;
        JobStatus from;
        JobStatus to;
        /// Who may call while the status has its time.
        uint8 inTime;
        /// Who may call when its time is over: the deadline, or duration and grace of a running job.
        uint8 late;
    }

    function rules() private pure returns (Rule[] memory table) {
        table = new Rule[](9);
        table[0] = Rule(Call.Route, JobStatus.Requested, JobStatus.Routed, AGENT, NOBODY);
        table[1] = Rule(Call.Start, JobStatus.Routed, JobStatus.Running, PROVIDER, NOBODY);
        table[2] = Rule(Call.Complete, JobStatus.Running, JobStatus.Settled, REQUESTER | MEMBER | PROVIDER, ANYONE);
        table[3] = Rule(Call.Fail, JobStatus.Routed, JobStatus.Failed, PROVIDER, PROVIDER);
        table[4] = Rule(Call.Fail, JobStatus.Running, JobStatus.Failed, PROVIDER, PROVIDER);
        table[5] = Rule(Call.Cancel, JobStatus.Requested, JobStatus.Cancelled, REQUESTER | MEMBER, REQUESTER | MEMBER);
        table[6] = Rule(Call.Cancel, JobStatus.Routed, JobStatus.Cancelled, REQUESTER | MEMBER, REQUESTER | MEMBER);
        table[7] = Rule(Call.Expire, JobStatus.Requested, JobStatus.Expired, NOBODY, ANYONE);
        table[8] = Rule(Call.Expire, JobStatus.Routed, JobStatus.Expired, NOBODY, ANYONE);
    }

    function test_SET01_matrix_personalJob() public {
        walk(BUYER, aRequest(), false);
    }

    function test_SET01_matrix_personalJob_paused() public {
        walk(BUYER, aRequest(), true);
    }

    function test_SET01_matrix_teamJob() public {
        // The team's Admin asks, so that requester and member are two people.
        walk(TEAM_ADMIN, aTeamRequest(), false);
    }

    function walk(address by, JobRequest memory asked, bool pausedAfterwards) private {
        bool isTeam = TeamId.unwrap(asked.team) != 0;
        uint256 cells = 0;
        for (uint8 status = 0; status <= uint8(type(JobStatus).max); ++status) {
            uint256 beforeStatus = vm.snapshotState();
            JobId job = status == 0 ? JobId.wrap(77) : jobIn(JobStatus(status), by, asked);
            if (pausedAfterwards) {
                vm.prank(PAUSER);
                access.pause();
            }
            for (uint8 late = 0; late < 2; ++late) {
                if (late == 1) vm.warp(block.timestamp + 30 days);
                for (uint8 call = 0; call <= uint8(type(Call).max); ++call) {
                    for (uint8 caller = 1; caller <= OTHER; caller <<= 1) {
                        uint256 beforeCall = vm.snapshotState();
                        checkCell(Cell(job, JobStatus(status), Call(call), caller, late == 1, isTeam, pausedAfterwards), by, asked);
                        vm.revertToState(beforeCall);
                        ++cells;
                    }
                }
            }
            vm.revertToState(beforeStatus);
        }
        assertEq(cells, 8 * 2 * 6 * 6);
    }

    struct Cell {
        JobId job;
        JobStatus status;
        Call call;
        uint8 caller;
        bool late;
        bool isTeam;
        bool isPaused;
    }

    function checkCell(Cell memory cell, address requester, JobRequest memory asked) private {
        bytes memory data = calldataOf(cell, asked);
        address caller = addressOf(cell.caller, requester);
        (bool allowed, JobStatus to) = isAllowed(cell);

        vm.prank(caller);
        (bool success, bytes memory answer) = address(jobs).call(data);

        string memory name = nameOf(cell);
        if (allowed) {
            assertTrue(success, string.concat("should pass: ", name));
            assertEq(uint8(statusOf(cell.job)), uint8(to), name);
        } else {
            assertFalse(success, string.concat("should revert: ", name));
            assertEq(answer, errorOf(cell, caller), name);
        }
    }

    function isAllowed(Cell memory cell) private pure returns (bool, JobStatus) {
        if (cell.isPaused && cell.call == Call.Route) return (false, JobStatus.None);
        Rule[] memory table = rules();
        for (uint256 i = 0; i < table.length; ++i) {
            if (table[i].call != cell.call || table[i].from != cell.status) continue;
            uint8 who = cell.late ? table[i].late : table[i].inTime;
            // A personal job has no members: then they may what anyone may.
            if (!cell.isTeam && who != ANYONE) who &= ~MEMBER;
            return (who & cell.caller != 0, table[i].to);
        }
        return (false, JobStatus.None);
    }

    /// The error of a cell that is not allowed: the agent's role before all, then the status, then who calls, then the time.
    function errorOf(Cell memory cell, address caller) private view returns (bytes memory) {
        if (cell.call == Call.Route) {
            if (cell.isPaused) return abi.encodeWithSelector(IAccessControl.IsPaused.selector);
            if (cell.caller != AGENT) return abi.encodeWithSelector(IAccessControl.NotRouter.selector, caller);
        }
        if (cell.status == JobStatus.None) return abi.encodeWithSelector(IJobRegistry.UnknownJob.selector, cell.job);
        if (!hasRule(cell)) return abi.encodeWithSelector(IJobRegistry.WrongStatus.selector, cell.job, cell.status);

        Job memory job = jobs.getJob(cell.job);
        if (cell.call == Call.Complete) return abi.encodeWithSelector(IJobRegistry.NotParty.selector, cell.job, caller);
        if (cell.call == Call.Cancel) return abi.encodeWithSelector(IJobRegistry.NotRequester.selector, cell.job, caller);
        if (cell.call == Call.Expire) {
            return abi.encodeWithSelector(IJobRegistry.DeadlineNotReached.selector, cell.job, uint256(job.time), block.timestamp);
        }
        bool mustProvide = cell.call == Call.Start || cell.call == Call.Fail;
        if (mustProvide && cell.caller != PROVIDER) return abi.encodeWithSelector(IJobRegistry.NotProvider.selector, cell.job, caller);
        return abi.encodeWithSelector(IJobRegistry.DeadlinePassed.selector, cell.job, uint256(job.time), block.timestamp);
    }

    function hasRule(Cell memory cell) private pure returns (bool) {
        Rule[] memory table = rules();
        for (uint256 i = 0; i < table.length; ++i) {
            if (table[i].call == cell.call && table[i].from == cell.status) return true;
        }
        return false;
    }

    function calldataOf(Cell memory cell, JobRequest memory asked) private view returns (bytes memory) {
        if (cell.call == Call.Route) return abi.encodeCall(jobs.route, (cell.job, asked, aRouting()));
        if (cell.call == Call.Start) return abi.encodeCall(jobs.start, (cell.job));
        if (cell.call == Call.Complete) return abi.encodeCall(jobs.complete, (cell.job));
        if (cell.call == Call.Fail) return abi.encodeCall(jobs.fail, (cell.job));
        if (cell.call == Call.Cancel) return abi.encodeCall(jobs.cancel, (cell.job));
        return abi.encodeCall(jobs.expire, (cell.job));
    }

    function addressOf(uint8 caller, address requester) private view returns (address) {
        if (caller == REQUESTER) return requester;
        if (caller == PROVIDER) return OWNER;
        if (caller == AGENT) return ROUTER;
        if (caller == MEMBER) return TEAM_USER;
        if (caller == VIEWER) return TEAM_VIEWER;
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
            cell.late ? ", late" : ", in time"
        );
    }
}
