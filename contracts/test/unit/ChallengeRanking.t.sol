// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IChallenge} from "../../src/interfaces/IChallenge.sol";
import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {Candidate} from "../../src/types/Candidate.sol";
import {Account as Holder, JobId, ListingId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Routing, Terms} from "../../src/types/Job.sol";
import {ListingKind} from "../../src/types/Listing.sol";
import {Deciding} from "../utils/Deciding.sol";

/// @title AGT-09: a decision against its own ranking
contract ChallengeRankingTest is Deciding {
    address private immutable CHALLENGER = makeAddr("challenger");

    JobRequest private asked;
    JobId private job;
    Routing private routing;
    /// Lines of the ranking: what was chosen; dearer; better; not routable.
    uint256 private constant CHOSEN = 0;
    uint256 private constant WORSE = 1;
    uint256 private constant BETTER = 2;
    uint256 private constant FOREIGN = 3;

    ListingId private cheap;

    function setUp() public override {
        super.setUp();
        stake(CHALLENGER);
        cheap = newListing(ListingKind.Own, fixedPricing(RATE - 1));
        asked = aRequest();
        ranking.push(candidate(listing, RATE, 100));
        ranking.push(candidate(listing, RATE + 1, 100));
        ranking.push(candidate(cheap, RATE - 1, 100));
        ranking.push(candidate(ListingId.wrap(0), 1, 0));
        job = decided(BUYER, asked);
    }

    /// A job that was routed to the ranking's first line.
    function decided(address by, JobRequest memory wanted) private returns (JobId made) {
        made = request(by, wanted);
        routing = routingBy(CHOSEN);
        routeTo(made, wanted, routing);
    }

    function decision() private view returns (IChallenge.Decision memory) {
        return decisionOf(job, asked, routing);
    }

    function challenge(uint256 better) private returns (bool) {
        return challengeBy(CHALLENGER, decision(), leafAt(CHOSEN), leafAt(better));
    }

    function challengeBy(address by, IChallenge.Decision memory what, IChallenge.Leaf memory chosen, IChallenge.Leaf memory better)
        private
        returns (bool)
    {
        vm.prank(by);
        return challenges.challengeRanking(what, chosen, better);
    }

    function refused(IChallenge.Decision memory what, IChallenge.Leaf memory chosen, IChallenge.Leaf memory better, bytes memory why)
        private
    {
        vm.expectRevert(why);
        vm.prank(CHALLENGER);
        challenges.challengeRanking(what, chosen, better);
    }

    /* UPHELD */

    function test_AGT09_ranking_upheldPaysChallengerAndBuyerAndFreesTheJob() public {
        uint256 buyerBefore = availableOf(personal(BUYER));
        uint256 before = availableOf(personal(CHALLENGER));
        IChallenge.Decision memory what = decision();
        // Weights of 500 for uptime and rating at a distance of 100 each: 10 basis points more.
        vm.expectEmit(address(challenges));
        emit IChallenge.ChallengeUpheld(job, CHALLENGER, ROUTER, cheap, 2_002_000, 2_001_998);
        vm.expectEmit(address(escrow));
        emit IEscrow.BondSlashed(ROUTER, job, PENALTY, personal(CHALLENGER), PENALTY / 2, personal(BUYER));
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobReopened(job, listing, OWNER, IJobRegistry.ReopenReason.Overturned);
        assertTrue(challengeBy(CHALLENGER, what, leafAt(CHOSEN), leafAt(BETTER)));

        assertEq(availableOf(personal(CHALLENGER)), before + PENALTY / 2);
        assertEq(availableOf(personal(BUYER)), buyerBefore + PENALTY / 2);
        assertEq(escrow.bondOf(ROUTER).amount, 1000 * USD - PENALTY);
        assertEq(reservedOf(listing), 0);
        reopened(job);
        jobs.checkTerms(job, termsOf(job));
        assertEq(uint8(statusOf(job)), uint8(JobStatus.Requested));
        assertEq(providers.getProvider(provider).failed, 0);

        // It finds another place, or ends: nothing of its money moved.
        assertEq(lockedOf(personal(BUYER)), 60 * USD);
        vm.warp(asked.routeDeadline + 1);
        jobs.expire(job, termsOf(job));
    }

    /// The wrong decision was made, whatever became of the job: the bond pays, the job stays as it is.
    function test_AGT09_ranking_upheldLeavesWhatRunsAlone() public {
        start(job);
        vm.warp(block.timestamp + 5 hours);
        uint256 before = availableOf(personal(CHALLENGER));
        assertTrue(challenge(BETTER));
        assertEq(availableOf(personal(CHALLENGER)), before + PENALTY / 2);
        assertEq(uint8(statusOf(job)), uint8(JobStatus.Running));
        assertEq(reservedOf(listing), 2);
        assertTrue(challenges.isUpheld(termsOf(job).commitment));
        refused(
            decision(),
            leafAt(CHOSEN),
            leafAt(BETTER),
            abi.encodeWithSelector(IChallenge.AlreadyUpheld.selector, job, termsOf(job).commitment)
        );
        complete(job);
        assertEq(availableOf(personal(OWNER)), 20 * USD);
    }

    function test_AGT09_ranking_upheldAfterTheJobsEnd() public {
        JobStatus[3] memory ends = [JobStatus.Settled, JobStatus.Failed, JobStatus.Disputed];
        for (uint256 i = 0; i < ends.length; ++i) {
            uint256 before = vm.snapshotState();
            start(job);
            Terms memory terms = termsOf(job);
            vm.prank(i == 2 ? BUYER : OWNER);
            if (i == 0) jobs.complete(job, terms);
            else if (i == 1) jobs.fail(job, terms);
            else jobs.dispute(job, terms, 0);
            assertTrue(challenge(BETTER));
            assertEq(uint8(statusOf(job)), uint8(ends[i]));
            vm.revertToState(before);
        }
    }

    function test_AGT09_ranking_ofATeamPaysTheTeam() public {
        asked.team = team;
        job = decided(TEAM_USER, asked);
        Holder teamAccount = escrow.accountOfTeam(team);
        uint256 before = availableOf(teamAccount);
        assertTrue(challenge(BETTER));
        assertEq(availableOf(teamAccount), before + PENALTY / 2);
        assertEq(availableOf(personal(TEAM_USER)), 0);
    }

    function test_AGT09_ranking_withABondThatIsSmallerThanThePenalty() public {
        uint96 left = 30 * USD;
        Holder buyer = personal(BUYER);
        vm.prank(address(challenges));
        escrow.slash(ROUTER, job, 1000 * USD - left, buyer, 0, buyer);
        uint256 before = availableOf(personal(CHALLENGER));
        uint256 buyerBefore = availableOf(buyer);
        assertTrue(challenge(BETTER));
        assertEq(availableOf(personal(CHALLENGER)), before + PENALTY / 2);
        assertEq(availableOf(buyer), buyerBefore + left - PENALTY / 2);
        assertEq(escrow.bondOf(ROUTER).amount, 0);
    }

    /// The bond that announced its leave answers to the end of the window.
    function test_AGT09_ranking_takesABondThatIsLeaving() public {
        vm.prank(ROUTER);
        escrow.announceBondExit(1000 * USD);
        vm.warp(block.timestamp + 2 days);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.BondNotFree.selector, ROUTER, block.timestamp + 1 days, block.timestamp));
        vm.prank(ROUTER);
        escrow.withdrawBond();
        assertTrue(challenge(BETTER));
        assertEq(escrow.bondOf(ROUTER).amount, 950 * USD);
    }

    /// No pause stops it: a decision is no less wrong for it.
    function test_AGT09_ranking_staysOpenWhilePaused() public {
        vm.prank(PAUSER);
        jobs.pause();
        assertTrue(challenge(BETTER));
    }

    /* ONCE */

    /// Overturned, routed again, and wrong again: another decision, another challenge.
    function test_AGT09_ranking_againAfterTheNextRouting() public {
        assertTrue(challenge(BETTER));
        IChallenge.Decision memory old = decision();
        reopened(job);
        bytes26 held = jobs.getJob(job).termsHash;
        refused(
            old,
            leafAt(CHOSEN),
            leafAt(BETTER),
            abi.encodeWithSelector(IJobRegistry.TermsMismatch.selector, job, held, jobs.hashTerms(old.terms))
        );

        routing = routingBy(CHOSEN);
        routing.recordRoot = keccak256("another record");
        routeTo(job, asked, routing);
        uint256 before = availableOf(personal(CHALLENGER));
        assertTrue(challenge(BETTER));
        assertEq(availableOf(personal(CHALLENGER)), before + PENALTY / 2);
    }

    /// Even the very same decision: its commitment has no word that differs, and it is as wrong as before.
    function test_AGT09_ranking_againWhenTheSameDecisionIsMadeAgain() public {
        for (uint256 i = 0; i < 3; ++i) {
            uint256 before = availableOf(personal(CHALLENGER));
            assertTrue(challenge(BETTER));
            assertEq(availableOf(personal(CHALLENGER)), before + PENALTY / 2);
            reopened(job);
            routeTo(job, asked, routing);
        }
    }

    /// A decision of which the place was declined is no decision any more.
    function test_AGT09_ranking_notOfAnOlderRouting() public {
        IChallenge.Decision memory old = decision();
        Terms memory terms = termsOf(job);
        vm.prank(OWNER);
        jobs.decline(job, terms);
        bytes26 held = jobs.getJob(job).termsHash;
        refused(
            old,
            leafAt(CHOSEN),
            leafAt(BETTER),
            abi.encodeWithSelector(IJobRegistry.TermsMismatch.selector, job, held, jobs.hashTerms(old.terms))
        );
    }

    function test_AGT09_ranking_ofAJobThatIsNotRouted() public {
        job = request(BUYER, asked);
        bytes32 given = jobs.commitmentOf(job, jobs.hashRequest(asked), address(0), routing);
        refused(
            decision(),
            leafAt(CHOSEN),
            leafAt(BETTER),
            abi.encodeWithSelector(IChallenge.CommitmentMismatch.selector, job, bytes32(0), given)
        );
        IChallenge.Decision memory none = decision();
        none.job = JobId.wrap(77);
        refused(none, leafAt(CHOSEN), leafAt(BETTER), abi.encodeWithSelector(IJobRegistry.UnknownJob.selector, none.job));
    }

    /* REJECTED */

    function rejected(uint256 better, IChallenge.Reason reason) private {
        uint256 before = availableOf(personal(CHALLENGER));
        uint256 routersBefore = availableOf(personal(ROUTER));
        IChallenge.Decision memory what = decision();
        vm.expectEmit(address(challenges));
        emit IChallenge.ChallengeRejected(job, CHALLENGER, ROUTER, reason);
        vm.expectEmit(address(escrow));
        emit IEscrow.StakeLost(CHALLENGER, job, STAKE, ROUTER);
        assertFalse(challengeBy(CHALLENGER, what, leafAt(CHOSEN), leafAt(better)));
        assertEq(availableOf(personal(CHALLENGER)), before - STAKE);
        assertEq(availableOf(personal(ROUTER)), routersBefore + STAKE);
        assertEq(escrow.bondOf(ROUTER).amount, 1000 * USD);
        assertEq(uint8(statusOf(job)), uint8(JobStatus.Routed));
        jobs.checkTerms(job, termsOf(job));
        assertFalse(challenges.isUpheld(termsOf(job).commitment));
    }

    function test_AGT09_ranking_rejectedWhenTheOtherIsNotBetter() public {
        rejected(WORSE, IChallenge.Reason.NotBetter);
        // The chosen one against itself: a tie is no cause.
        rejected(CHOSEN, IChallenge.Reason.NotBetter);
        // And a rejected challenge keeps nobody from a true one.
        assertTrue(challenge(BETTER));
    }

    /// Equal in all that the tree holds: the names decide, and those are no cause.
    function test_AGT09_ranking_rejectedOnATie() public {
        ranking[BETTER] = candidate(cheap, RATE, 100);
        job = decided(BUYER, asked);
        rejected(BETTER, IChallenge.Reason.NotBetter);
    }

    function test_AGT09_ranking_rejectedWhenNobodyFulfilsTheOther() public {
        rejected(FOREIGN, IChallenge.Reason.NotRoutable);
    }

    function test_AGT09_ranking_aChallengeWithoutCauseNeedsItsStake() public {
        IChallenge.Decision memory what = decision();
        IChallenge.Leaf memory chosen = leafAt(CHOSEN);
        IChallenge.Leaf memory worse = leafAt(WORSE);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, personal(STRANGER), 0, STAKE));
        vm.prank(STRANGER);
        challenges.challengeRanking(what, chosen, worse);
        // One with cause needs none.
        assertTrue(challengeBy(STRANGER, what, chosen, leafAt(BETTER)));
        assertEq(availableOf(personal(STRANGER)), PENALTY / 2);
    }

    /* THE WINDOW */

    function test_AGT09_ranking_untilTheWindowsLastSecond() public {
        uint256 closes = block.timestamp + 2 days;
        vm.warp(closes + 1);
        refused(
            decision(), leafAt(CHOSEN), leafAt(BETTER), abi.encodeWithSelector(IChallenge.WindowClosed.selector, job, closes, closes + 1)
        );
        vm.warp(closes);
        assertTrue(challenge(BETTER));
    }

    /* WHAT IS BROUGHT ALONG */

    function test_AGT09_ranking_refusesOtherTermsRequestsAndRoutings() public {
        IChallenge.Decision memory other = decision();
        ++other.terms.locked;
        bytes26 held = jobs.getJob(job).termsHash;
        refused(
            other,
            leafAt(CHOSEN),
            leafAt(BETTER),
            abi.encodeWithSelector(IJobRegistry.TermsMismatch.selector, job, held, jobs.hashTerms(other.terms))
        );
        other = decision();
        ++other.request.uptimeWeight;
        refused(
            other,
            leafAt(CHOSEN),
            leafAt(BETTER),
            abi.encodeWithSelector(IChallenge.RequestMismatch.selector, job, termsOf(job).requestHash, keccak256(abi.encode(other.request)))
        );
        other = decision();
        other.routing.recordHash ^= bytes32(uint256(1));
        bytes32 given = jobs.commitmentOf(job, termsOf(job).requestHash, OWNER, other.routing);
        refused(
            other,
            leafAt(CHOSEN),
            leafAt(BETTER),
            abi.encodeWithSelector(IChallenge.CommitmentMismatch.selector, job, termsOf(job).commitment, given)
        );
    }

    function test_AGT09_ranking_refusesLinesThatAreNotInTheTree() public {
        IChallenge.Leaf memory forged = leafAt(BETTER);
        --forged.candidate.price;
        bytes32 root = routing.candidatesRoot;
        refused(
            decision(), leafAt(CHOSEN), forged, abi.encodeWithSelector(IChallenge.NotACandidate.selector, root, leafHash(forged.candidate))
        );
        forged = leafAt(CHOSEN);
        ++forged.candidate.riskDistance;
        refused(
            decision(), forged, leafAt(BETTER), abi.encodeWithSelector(IChallenge.NotACandidate.selector, root, leafHash(forged.candidate))
        );
        // A true line with another's proof.
        forged = leafAt(BETTER);
        forged.proof = leafAt(CHOSEN).proof;
        refused(
            decision(), leafAt(CHOSEN), forged, abi.encodeWithSelector(IChallenge.NotACandidate.selector, root, leafHash(forged.candidate))
        );
    }

    /// A node inside the tree, and the root itself, pass for no line: lines are hashed twice, and are nine words long.
    function test_AGT09_ranking_refusesInnerNodes() public {
        // A tree whose inner node is the hash of a chosen preimage: the forger's best try is a leaf hashed once.
        Candidate memory line = ranking[BETTER];
        bytes32 once = keccak256(abi.encode(line));
        bytes32 honest = rankingRoot();
        assertNotEq(once, leafHash(line));
        IChallenge.Leaf memory inner = IChallenge.Leaf({candidate: line, proof: new bytes32[](1)});
        inner.proof[0] = pairHash(leafHash(ranking[0]), leafHash(ranking[1]));
        bytes memory why = abi.encodeWithSelector(IChallenge.NotACandidate.selector, honest, leafHash(line));
        refused(decision(), leafAt(CHOSEN), inner, why);
        inner.proof = new bytes32[](0);
        refused(decision(), leafAt(CHOSEN), inner, why);
    }

    function test_AGT09_ranking_theFirstLineHasToBeTheChosenOne() public {
        bytes memory why = abi.encodeWithSelector(IChallenge.NotTheChosen.selector, listing, RATE);
        refused(decision(), leafAt(WORSE), leafAt(BETTER), why);
        refused(decision(), leafAt(BETTER), leafAt(CHOSEN), why);
        // The right listing and price, in a version that was not routed.
        ranking[WORSE] = ranking[CHOSEN];
        ++ranking[WORSE].listingVersion;
        job = decided(BUYER, asked);
        refused(decision(), leafAt(WORSE), leafAt(BETTER), why);
    }

    /* WIRING */

    function test_SET05_constructor_refusesContractsOfAnother() public {
        vm.expectRevert(abi.encodeWithSelector(IChallenge.WrongWiring.selector, STRANGER, address(challenges)));
        build("Challenge", abi.encode(jobs, providers, escrow), STRANGER);
    }

    function test_SET05_constructor_refusesWhatItsJobRegistryDoesNotKnow() public {
        vm.expectRevert(abi.encodeWithSelector(IChallenge.WrongWiring.selector, STRANGER, address(providers)));
        build("Challenge", abi.encode(jobs, STRANGER, escrow), address(challenges));
        address other = makeAddr("another escrow");
        vm.mockCall(other, abi.encodeCall(IEscrow.CHALLENGE, ()), abi.encode(challenges));
        vm.expectRevert(abi.encodeWithSelector(IChallenge.WrongWiring.selector, other, address(escrow)));
        build("Challenge", abi.encode(jobs, providers, other), address(challenges));
        vm.mockCall(other, abi.encodeCall(IEscrow.CHALLENGE, ()), abi.encode(BUYER));
        vm.expectRevert(abi.encodeWithSelector(IChallenge.WrongWiring.selector, address(challenges), BUYER));
        build("Challenge", abi.encode(jobs, providers, other), address(challenges));
        build("Challenge", abi.encode(jobs, providers, escrow), address(challenges));
    }

    function test_AGT09_constants() public view {
        assertEq(challenges.CHALLENGE_WINDOW(), 2 days);
        assertEq(challenges.PENALTY(), PENALTY);
        assertEq(challenges.STAKE(), STAKE);
        assertEq(challenges.JOB_REGISTRY(), address(jobs));
        assertEq(challenges.PROVIDER_REGISTRY(), address(providers));
        assertEq(challenges.ESCROW(), address(escrow));
    }
}
