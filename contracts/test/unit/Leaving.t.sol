// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl, TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {JobId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Terms} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title Who left a team, and amounts too large to lock
contract LeavingTest is Base {
    /// A signature outlives a membership; what was signed does not.
    function test_SET04_cancelBySignature_notByWhoLeftTheTeam() public {
        JobId job = request(TEAM_USER, aTeamRequest());
        Terms memory terms = termsOf(job);
        vm.prank(TEAM_ADMIN);
        access.setMember(team, TEAM_USER, TeamRole.Viewer);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, TEAM_USER));
        jobs.cancelBySignature(job, terms, 0, block.timestamp, "");
    }

    /// A key loses its power with its owner's place in the team, also over what it asked for before.
    function test_SET04_session_takesNothingBackOnceItsOwnerLeftTheTeam() public {
        address key = makeAddr("session key");
        vm.prank(TEAM_USER);
        access.grantSession(
            key,
            IAccessControl.SessionLimits({
                total: 100 * USD, perPeriod: 100 * USD, period: 0, expiresAt: uint40(block.timestamp + 30 days), team: team
            })
        );
        JobId job = request(TEAM_USER, aTeamRequest());
        Terms memory terms = termsOf(job);
        vm.prank(TEAM_ADMIN);
        access.setMember(team, TEAM_USER, TeamRole.None);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, key));
        vm.prank(key);
        jobs.cancel(job, terms);
    }

    /// Nor does it prolong one within the lock's surplus, which needs no budget.
    function test_SET04_extend_notByWhoLeftTheTeam() public {
        JobId job = jobIn(JobStatus.Running, TEAM_USER, aTeamRequest());
        Terms memory terms = termsOf(job);
        vm.prank(TEAM_ADMIN);
        access.setMember(team, TEAM_USER, TeamRole.None);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, TEAM_USER));
        vm.prank(TEAM_USER);
        jobs.extend(job, terms, 1 hours);
    }

    /// A lock that is too large by its parts' roundings alone says so.
    function test_SET02_lockFor_tooLargeByItsPartsSaysSo() public {
        JobRequest memory asked = aRequest();
        (asked.maxPricePerGpuHour, asked.gpuCount, asked.duration, asked.maxParts) = (type(uint64).max, 1, 3600, 2);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.AmountTooLarge.selector, uint256(type(uint64).max) + 1));
        jobs.lockFor(asked);
    }
}
