// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {IChallenge} from "../../src/interfaces/IChallenge.sol";
import {Candidate} from "../../src/types/Candidate.sol";
import {JobId, TeamId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Routing, Terms} from "../../src/types/Job.sol";
import {AttestationKind, Outcome} from "../../src/types/Listing.sol";
import {Sellers} from "./Sellers.sol";

/// @title The rest of the world: time, the platform, challengers, and strangers who try everything
contract Handler is Sellers {
    uint16 private fee;
    uint40 private kycUntil;

    /* TIME */

    function wait_(uint256 time) external step("wait") {
        VM.warp(VM.getBlockTimestamp() + bound(time, 1, 12 hours));
    }

    function expire(uint256 which, bool routed, uint256 by) external step("expire") {
        (JobId job, bool found) = pickJob(which, routed ? JobStatus.Routed : JobStatus.Requested);
        if (!found) return;
        Ghost storage ghost = ghosts[JobId.unwrap(job)];
        Terms memory terms = ghost.terms;
        bool isOver = now_() > ghost.time && now_() > terms.routeDeadline;
        uint256[3] memory before = balancesOf(terms);
        VM.prank(pick(by));
        (bool success,) = address(jobs).call(abi.encodeCall(jobs.expire, (job, terms)));
        require(success == isOver, "7: expire");
        if (!success) return;
        checkPaid(terms, before, 0);
        noteEnd(ghost, JobStatus.Expired, 0);
        ++calls["expired"];
    }

    /* PLATFORM: 11, none of it moves anybody's money */

    function administer(uint256 what, uint256 who, uint16 fee_) external step("administer") {
        bytes32 before = allBalances();
        what %= 9;
        if (what == 0) {
            VM.prank(pauser);
            jobs.pause();
        } else if (what <= 3 || what == 7) {
            VM.prank(pauser);
            jobs.unpause();
        } else if (what == 4) {
            fee = uint16(bound(fee_, 0, 500));
            VM.prank(admin);
            jobs.setFee(fee, treasury);
        } else if (what == 5) {
            VM.startPrank(admin);
            // Mostly a router: without one nothing happens.
            if (who % 4 > 0) access.grantRole(access.ROUTER_ROLE(), router);
            else access.revokeRole(access.ROUTER_ROLE(), router);
            VM.stopPrank();
        } else {
            kycUntil = now_() + uint40(bound(who, 1, 30 days));
            VM.prank(verifier);
            providers.attest(owner, AttestationKind.Kyc, "", kycUntil);
        }
        require(before == allBalances(), "11: the platform moved money");
    }

    function bond(uint256 what, uint96 amount) external step("bond") {
        VM.startPrank(router);
        what %= 8;
        if (what < 4) {
            amount = uint96(bound(amount, 0, available(personal(router))));
            if (amount > 0) escrow.postBond(amount);
        } else if (what < 6) {
            escrow.announceBondExit(what == 4 ? 0 : uint96(bound(amount, 0, escrow.bondOf(router).amount)));
        } else if (escrow.bondOf(router).leaving > 0 && now_() >= escrow.bondOf(router).leavesAt) {
            escrow.withdrawBond();
        }
        VM.stopPrank();
    }

    function rule(uint256 which, uint64 paid, bool silent) external step("rule") {
        (JobId job, bool found) = pickJob(which, JobStatus.Disputed);
        if (!found) return;
        Ghost storage ghost = ghosts[JobId.unwrap(job)];
        Terms memory terms = ghost.terms;
        paid = silent ? ghost.due / 2 : uint64(bound(paid, 0, ghost.due));
        if (silent) VM.warp(VM.getBlockTimestamp() + 7 days + 1);
        uint256[3] memory before = balancesOf(terms);
        VM.prank(silent ? NOBODY : arbiter);
        if (silent) jobs.resolve(job, terms);
        else jobs.rule(job, terms, paid, "");
        checkPaid(terms, before, paid);
        noteEnd(ghost, JobStatus.Settled, paid);
        ++calls[silent ? bytes32("resolved") : bytes32("ruled")];
    }

    /* CHALLENGERS */

    function challenge(uint256 which, uint256 status) external step("challenge") {
        (JobId job, bool found) = pickJob(which, JobStatus(2 + status % 3));
        if (!found) return;
        Ghost storage ghost = ghosts[JobId.unwrap(job)];
        // Decisions of ended jobs can be wrong, too, but not of jobs that never had a place.
        if (ghost.terms.routedAt == 0) return;
        bool isOpen = now_() <= uint256(ghost.terms.routedAt) + 2 days && !ghost.upheld;
        bool better = ghost.other.listing != 0 && comesBefore(ghost.asked, ghost.other, ghost.chosen);
        if (!better && available(personal(challenger)) < 5e6) return;
        bytes memory data = abi.encodeCall(
            challenges.challengeRanking,
            (
                IChallenge.Decision(job, ghost.terms, ghost.asked, ghost.routing),
                IChallenge.Leaf(ghost.chosen, proof(ghost.other)),
                IChallenge.Leaf(ghost.other, proof(ghost.chosen))
            )
        );
        VM.prank(challenger);
        (bool success, bytes memory result) = address(challenges).call(data);
        require(success == isOpen, "5: challenge");
        if (!success) return;
        require(abi.decode(result, (bool)) == better, "5: order");
        ++calls[better ? bytes32("upheld") : bytes32("rejected")];
        if (!better) return;
        ghost.upheld = true;
        if (ghost.status == JobStatus.Routed) noteReopened(ghost);
    }

    /* STRANGERS */

    /// What nobody but the right one may do, tried by somebody else with the right terms: all of it has to fail.
    function trespass(uint256 what, uint256 which, uint64 amount) external step("trespass") {
        if (jobs.jobCount() == 0) return;
        JobId job = JobId.wrap(uint64(which % jobs.jobCount()) + 1);
        Ghost storage ghost = ghosts[JobId.unwrap(job)];
        Terms memory terms = ghost.terms;
        // From storage: a copy, where memory would only be another name of the same.
        Terms memory wrong = ghost.terms;
        wrong.locked += 1 + amount % 1e6;
        bool isRunning = ghost.status == JobStatus.Running;
        bool isOverdue = isRunning && now_() > uint256(ghost.time) + terms.duration + 1 hours;
        bytes[20] memory data = [
            abi.encodeCall(jobs.start, (job, terms)),
            isOverdue ? abi.encodeCall(jobs.start, (job, terms)) : abi.encodeCall(jobs.complete, (job, terms)),
            abi.encodeCall(jobs.fail, (job, terms)),
            abi.encodeCall(jobs.cancel, (job, terms)),
            abi.encodeCall(jobs.decline, (job, terms)),
            abi.encodeCall(jobs.dispute, (job, terms, "")),
            abi.encodeCall(jobs.extend, (job, terms, 60)),
            abi.encodeCall(jobs.rule, (job, terms, 0, "")),
            abi.encodeCall(jobs.overturn, (job, terms)),
            abi.encodeCall(jobs.route, (job, terms, ghost.asked, ghost.routing)),
            abi.encodeCall(jobs.expire, (job, wrong)),
            abi.encodeCall(jobs.setFee, (500, NOBODY)),
            abi.encodeCall(escrow.release, (job, accounts[0], 1, personal(NOBODY), 1, 0, personal(NOBODY))),
            abi.encodeCall(escrow.lock, (job, accounts[0], 1)),
            abi.encodeCall(escrow.withdraw, (1 + uint256(amount), NOBODY)),
            abi.encodeCall(escrow.slash, (router, job, 1, personal(NOBODY), 1, personal(NOBODY))),
            abi.encodeCall(providers.release, (listings[0], 1, Outcome.None)),
            abi.encodeCall(providers.setCapacity, (listings[0], 32, false)),
            abi.encodeCall(access.grantRole, (access.ROUTER_ROLE(), NOBODY)),
            abi.encodeCall(access.setMember, (team, NOBODY, TeamRole.Admin))
        ];
        what %= data.length;
        address target = what < 12 ? address(jobs) : what < 16 ? address(escrow) : what < 18 ? address(providers) : address(access);
        VM.prank(NOBODY);
        (bool success,) = target.call(data[what]);
        require(!success, "11: a stranger got in");
    }

    /// The agent's key in wrong hands can do no other thing than route and split.
    function abuseAgent(uint256 what, uint256 which) external step("abuseAgent") {
        (JobId job, bool found) = pickJob(which, JobStatus(1 + what % 3));
        if (!found) return;
        Terms memory terms = ghosts[JobId.unwrap(job)].terms;
        bool isOverdue = now_() > uint256(ghosts[JobId.unwrap(job)].time) + terms.duration + 1 hours;
        bytes[4] memory data = [
            abi.encodeCall(jobs.start, (job, terms)),
            abi.encodeCall(jobs.cancel, (job, terms)),
            isOverdue ? abi.encodeCall(jobs.start, (job, terms)) : abi.encodeCall(jobs.complete, (job, terms)),
            abi.encodeCall(jobs.extend, (job, terms, 60))
        ];
        if (terms.requester == router) return;
        VM.prank(router);
        (bool success,) = address(jobs).call(data[(what >> 8) % 4]);
        require(!success, "11: the agent did more than route");
    }

    /* THE END */

    /// 7: after all deadlines anybody empties every lock, with the token in any mood.
    function rescueAll() external {
        VM.warp(VM.getBlockTimestamp() + 365 days);
        for (uint64 i = 1; i <= jobs.jobCount(); ++i) {
            Ghost storage ghost = ghosts[i];
            Terms memory terms = ghost.terms;
            JobId job = JobId.wrap(i);
            if (!isLive(ghost.status)) continue;
            uint64 paid = ghost.status == JobStatus.Running ? dueOf(ghost) : ghost.status == JobStatus.Disputed ? ghost.due / 2 : 0;
            VM.prank(NOBODY);
            (bool success,) = address(jobs)
                .call(
                    ghost.status == JobStatus.Running
                        ? abi.encodeCall(jobs.complete, (job, terms))
                        : ghost.status == JobStatus.Disputed
                            ? abi.encodeCall(jobs.resolve, (job, terms))
                            : abi.encodeCall(jobs.expire, (job, terms))
                );
            require(success, "7: no way out");
            noteEnd(ghost, paid == 0 && ghost.status < JobStatus.Running ? JobStatus.Expired : JobStatus.Settled, paid);
        }
        observe();
    }

    /* WHAT IS EXPECTED */

    function feeNow() internal view override returns (uint16) {
        return fee;
    }

    function hasKyc(uint256 until) internal view override returns (bool) {
        return kycUntil >= until;
    }

    function comesBefore(JobRequest memory asked, Candidate memory a, Candidate memory b) private pure returns (bool) {
        uint256 scoreA = uint256(a.price) * (10_000 + weigh(asked, a)) / 10_000;
        uint256 scoreB = uint256(b.price) * (10_000 + weigh(asked, b)) / 10_000;
        if (scoreA != scoreB) return scoreA < scoreB;
        if (a.price != b.price) return a.price < b.price;
        return a.uptimeDistance < b.uptimeDistance;
    }

    function weigh(JobRequest memory asked, Candidate memory candidate) private pure returns (uint256) {
        return (uint256(asked.uptimeWeight) * candidate.uptimeDistance + uint256(asked.riskWeight) * candidate.riskDistance) / 10_000;
    }

    function proof(Candidate memory sibling) private pure returns (bytes32[] memory path) {
        path = new bytes32[](1);
        path[0] = leafOf(sibling);
    }

    function allBalances() private view returns (bytes32 all) {
        for (uint256 i = 0; i < accounts.length; ++i) {
            all = keccak256(abi.encode(all, escrow.balanceOf(accounts[i])));
        }
        all = keccak256(abi.encode(all, escrow.bondOf(router)));
    }
}
