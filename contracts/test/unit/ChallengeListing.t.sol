// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IChallenge} from "../../src/interfaces/IChallenge.sol";
import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {JobId, ListingId, ProviderId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Routing} from "../../src/types/Job.sol";
import {AccessRules, AttestationKind, Hardware, ListingKind, Pricing, PricingModel, Tier} from "../../src/types/Listing.sol";
import {Deciding} from "../utils/Deciding.sol";

/// @title AGT-09: a decision against the registry: a better listing stood there all the time
contract ChallengeListingTest is Deciding {
    address private immutable CHALLENGER = makeAddr("challenger");

    JobRequest private asked;
    JobId private job;
    Routing private routing;
    ListingId private cheap;

    function setUp() public override {
        super.setUp();
        stake(CHALLENGER);
        asked = aRequest();
        // Far enough below that the worst of all qualities does not make up for it: 10 % at most.
        cheap = newListing(ListingKind.Own, fixedPricing(RATE / 2));
        ranking.push(candidate(listing, RATE, 0));
        vm.warp(block.timestamp + 1);
    }

    function decide() private {
        job = request(BUYER, asked);
        routing = routingBy(0);
        routeTo(job, asked, routing);
    }

    function challenge(ListingId better) private returns (bool) {
        IChallenge.Decision memory what = decisionOf(job, asked, routing);
        IChallenge.Leaf memory chosen = leafAt(0);
        vm.prank(CHALLENGER);
        return challenges.challengeListing(what, chosen, better);
    }

    function refused(ListingId better, bytes memory why) private {
        IChallenge.Decision memory what = decisionOf(job, asked, routing);
        IChallenge.Leaf memory chosen = leafAt(0);
        uint256 before = availableOf(personal(CHALLENGER));
        vm.expectRevert(why);
        vm.prank(CHALLENGER);
        challenges.challengeListing(what, chosen, better);
        assertEq(availableOf(personal(CHALLENGER)), before);
    }

    function with(Hardware memory machine) private returns (ListingId made) {
        made = newListing(ListingKind.Own, fixedPricing(RATE / 2), machine);
        vm.warp(vm.getBlockTimestamp() + 1);
    }

    /* UPHELD */

    function test_AGT09_listing_upheldForABetterOneThatStoodStill() public {
        decide();
        uint256 before = availableOf(personal(CHALLENGER));
        vm.warp(block.timestamp + 10 minutes);
        IChallenge.Decision memory what = decisionOf(job, asked, routing);
        IChallenge.Leaf memory chosen = leafAt(0);
        // 1 USD and a tenth of it: two weights of 500 at the worst distance.
        vm.expectEmit(address(challenges));
        emit IChallenge.ChallengeUpheld(job, CHALLENGER, ROUTER, cheap, 2_000_000, 1_100_000);
        vm.prank(CHALLENGER);
        assertTrue(challenges.challengeListing(what, chosen, cheap));
        assertEq(availableOf(personal(CHALLENGER)), before + PENALTY / 2);
        reopened(job);
        jobs.checkTerms(job, termsOf(job));
        assertEq(reservedOf(listing), 0);
    }

    /// Once the ranking proved it, the registry is no second cause, and the other way round.
    function test_AGT09_listing_andRankingCountOnceTogether() public {
        ranking.push(candidate(cheap, RATE / 2, 0));
        decide();
        start(job);
        assertTrue(challenge(cheap));
        IChallenge.Decision memory what = decisionOf(job, asked, routing);
        vm.expectRevert(abi.encodeWithSelector(IChallenge.AlreadyUpheld.selector, job, termsOf(job).commitment));
        vm.prank(CHALLENGER);
        challenges.challengeRanking(what, leafAt(0), leafAt(1));
    }

    /// As it was when it was routed: a tier that began since, or ended, counts for nothing.
    function test_AGT09_listing_atThePriceOfTheRoutingsHour() public {
        vm.prank(OWNER);
        providers.setPricing(cheap, fixedPricing(2 * RATE));
        // 1,800,000,000 is a Friday at eight in the morning: hour 104 of the week.
        Tier[] memory tiers = new Tier[](2);
        (tiers[0], tiers[1]) = (Tier({hour: 104, multiplier: 2_500}), Tier({hour: 105, multiplier: 10_000}));
        vm.prank(OWNER);
        providers.setTiers(cheap, tiers);
        vm.warp(block.timestamp + 1);
        decide();
        vm.warp(block.timestamp + 5 hours);
        assertEq(providers.currentRate(cheap), 2 * RATE);
        assertTrue(challenge(cheap));
    }

    function test_AGT09_listing_dynamicAtWhatWasReserved() public {
        ListingId rising = newListing(ListingKind.Own, bandPricing(PricingModel.Dynamic, RATE / 2, RATE));
        vm.warp(block.timestamp + 1);
        decide();
        assertTrue(challenge(rising));
    }

    /// Ten minutes before the routing it has to be better already: an honest router looked at the market then.
    function test_AGT09_listing_betterWhenTheMarketWasLookedAtToo() public {
        // Hour 104 of the week begins at the test's begin; the price falls an hour later.
        Tier[] memory tiers = new Tier[](2);
        (tiers[0], tiers[1]) = (Tier({hour: 104, multiplier: 20_000}), Tier({hour: 105, multiplier: 10_000}));
        vm.prank(OWNER);
        providers.setTiers(cheap, tiers);
        uint256 falls = 1_800_000_000 + 1 hours;
        vm.warp(falls - 30 minutes);
        asked.routeDeadline = uint40(falls + 1 hours);
        job = request(BUYER, asked);
        routing = routingBy(0);

        uint256 before = vm.snapshotState();
        vm.warp(falls + 10 minutes - 1);
        routeTo(job, asked, routing);
        rejected(cheap);
        vm.revertToState(before);
        vm.warp(falls + 10 minutes);
        routeTo(job, asked, routing);
        assertTrue(challenge(cheap));
    }

    /// A router that was quick looked at the market no earlier than the request.
    function test_AGT09_listing_neverAsBeforeTheRequest() public {
        Tier[] memory tiers = new Tier[](2);
        (tiers[0], tiers[1]) = (Tier({hour: 104, multiplier: 20_000}), Tier({hour: 105, multiplier: 10_000}));
        vm.prank(OWNER);
        providers.setTiers(cheap, tiers);
        vm.warp(1_800_000_000 + 1 hours);
        asked.routeDeadline = uint40(block.timestamp + 1 hours);
        decide();
        assertTrue(challenge(cheap));
    }

    /* REJECTED */

    function rejected(ListingId better) private {
        uint256 before = availableOf(personal(CHALLENGER));
        uint256 routersBefore = availableOf(personal(ROUTER));
        vm.expectEmit(address(challenges));
        emit IChallenge.ChallengeRejected(job, CHALLENGER, ROUTER, IChallenge.Reason.NotBetter);
        assertFalse(challenge(better));
        assertEq(availableOf(personal(CHALLENGER)), before - STAKE);
        assertEq(availableOf(personal(ROUTER)), routersBefore + STAKE);
        assertEq(uint8(statusOf(job)), uint8(JobStatus.Routed));
    }

    /// Cheaper, but not by what its unknown qualities may cost.
    function test_AGT09_listing_rejectedWhenItsWorstIsNotBetter() public {
        // 1,818,182 and a tenth of it is 2,000,000.2, which is rounded down: a tie of scores, and cheaper.
        vm.prank(OWNER);
        providers.setPricing(cheap, fixedPricing(1_818_183));
        vm.warp(block.timestamp + 1);
        decide();
        rejected(cheap);
    }

    function test_AGT09_listing_upheldToTheMicroUsd() public {
        vm.prank(OWNER);
        providers.setPricing(cheap, fixedPricing(1_818_182));
        vm.warp(block.timestamp + 1);
        decide();
        assertTrue(challenge(cheap));
    }

    function test_AGT09_listing_rejectedOnATie() public {
        // Nothing counts but the price, which is the same, and nothing is known of either.
        (asked.uptimeWeight, asked.ratingWeight) = (0, 0);
        vm.prank(OWNER);
        providers.setPricing(cheap, fixedPricing(RATE));
        ranking[0] = candidate(listing, RATE, 10_000);
        vm.warp(block.timestamp + 1);
        decide();
        rejected(cheap);
    }

    /* CANNOT BE COMPARED: costs nothing */

    function touched(ListingId better) private {
        refused(
            better,
            abi.encodeWithSelector(
                IChallenge.ListingTouched.selector, better, providers.getListing(better).touchedAt, termsOf(job).requestedAt
            )
        );
    }

    function test_AGT09_listing_touchedSinceTheRequest() public {
        decide();
        uint256 before = vm.snapshotState();
        vm.warp(block.timestamp + 1);
        vm.prank(OWNER);
        providers.setCapacity(cheap, 16, false);
        touched(cheap);
        vm.revertToState(before);

        // By a reservation, too.
        JobRequest memory others = aTeamRequest();
        routeTo(request(TEAM_USER, others), others, routingTo(cheap, RATE / 2));
        touched(cheap);
        // The chosen one is touched by its own reservation.
        touched(listing);
    }

    /// In the very second of the request nobody can tell what came first.
    function test_AGT09_listing_touchedInTheRequestsSecond() public {
        vm.prank(OWNER);
        providers.setPricing(cheap, fixedPricing(RATE / 2));
        decide();
        touched(cheap);
    }

    function test_AGT09_listing_ofAnOpenPrice() public {
        ListingId[2] memory open = [
            newListing(ListingKind.Network, bandPricing(PricingModel.Dynamic, 1, 2)),
            newListing(ListingKind.Own, bandPricing(PricingModel.Token, 1, 2))
        ];
        vm.warp(block.timestamp + 1);
        decide();
        for (uint256 i = 0; i < open.length; ++i) {
            refused(open[i], abi.encodeWithSelector(IProviderRegistry.PriceOpen.selector, open[i]));
        }
    }

    function test_AGT09_listing_thatIsRestricted() public {
        AccessRules[2] memory rules =
            [AccessRules({attestations: 1, allowListOnly: false}), AccessRules({attestations: 0, allowListOnly: true})];
        for (uint256 i = 0; i < rules.length; ++i) {
            vm.startPrank(OWNER);
            providers.setAccessRules(cheap, rules[i]);
            providers.setBuyerAllowed(provider, BUYER, true);
            vm.stopPrank();
            vm.warp(vm.getBlockTimestamp() + 1);
            asked.routeDeadline = uint40(vm.getBlockTimestamp() + 1 hours);
            decide();
            refused(cheap, abi.encodeWithSelector(IProviderRegistry.BuyerNotAllowed.selector, cheap, address(0)));
        }
    }

    /// Each limit of the request that the listing does not keep, in the words of the limit.
    function test_AGT09_listing_thatIsNotEligible() public {
        Hardware memory machine = hardware();
        machine.gpuModel = "h200";
        ListingId other = with(machine);
        machine = hardware();
        machine.memoryGiB = 40;
        ListingId small = with(machine);
        machine = hardware();
        machine.widest = 1;
        ListingId narrow = with(machine);
        ListingId off = with(hardware());
        vm.prank(OWNER);
        providers.setCapacity(off, 16, true);
        vm.warp(vm.getBlockTimestamp() + 1);
        asked.routeDeadline = uint40(vm.getBlockTimestamp() + 1 hours);
        decide();
        refused(other, abi.encodeWithSelector(IProviderRegistry.GpuModelMismatch.selector, H100, bytes16("h200")));
        refused(small, abi.encodeWithSelector(IProviderRegistry.MemoryTooSmall.selector, 80, 40));
        refused(narrow, abi.encodeWithSelector(IProviderRegistry.MachineTooSmall.selector, 2, 1));
        refused(off, abi.encodeWithSelector(IProviderRegistry.ListingOffline.selector, off));
        ListingId none = ListingId.wrap(99);
        refused(none, abi.encodeWithSelector(IProviderRegistry.UnknownListing.selector, none));
    }

    /// A provider that was attested only after the request could not be chosen for it.
    function test_VER05_listing_attestedTooLate() public {
        attestProvider(block.timestamp);
        asked.attestations = 1;
        decide();
        refused(cheap, attestationMissing());
    }

    function test_VER05_listing_attestedInTime() public {
        attestProvider(block.timestamp);
        vm.warp(block.timestamp + 1);
        asked = aRequest();
        asked.attestations = 1;
        decide();
        assertTrue(challenge(cheap));
    }

    function attestProvider(uint256 now_) private {
        vm.prank(VERIFIER);
        providers.attest(OWNER, AttestationKind.Kyc, "evidence", uint40(now_ + 30 days));
    }

    function attestationMissing() private view returns (bytes memory) {
        uint256 end = termsOf(job).routedAt + asked.startWindow + asked.duration;
        return abi.encodeWithSelector(IProviderRegistry.AttestationMissing.selector, OWNER, AttestationKind.Kyc, end);
    }

    function test_AGT09_listing_ofAnotherPolicyIsNotJudged() public {
        asked.policyHash = keccak256("policy");
        decide();
        refused(cheap, abi.encodeWithSelector(IChallenge.PolicyNotJudged.selector, asked.policyHash));
    }

    function test_AGT09_listing_needsTheChosenLineAndTheWindow() public {
        ranking.push(candidate(listing, RATE + 1, 0));
        decide();
        IChallenge.Decision memory what = decisionOf(job, asked, routing);
        vm.expectRevert(abi.encodeWithSelector(IChallenge.NotTheChosen.selector, listing, RATE));
        vm.prank(CHALLENGER);
        challenges.challengeListing(what, leafAt(1), cheap);
        uint256 closes = block.timestamp + 2 days;
        vm.warp(closes + 1);
        refused(cheap, abi.encodeWithSelector(IChallenge.WindowClosed.selector, job, closes, closes + 1));
        vm.warp(closes);
        assertTrue(challenge(cheap));
    }

    function test_AGT09_listing_withoutCauseNeedsItsStake() public {
        vm.prank(OWNER);
        providers.setPricing(cheap, fixedPricing(RATE));
        vm.warp(block.timestamp + 1);
        decide();
        IChallenge.Decision memory what = decisionOf(job, asked, routing);
        IChallenge.Leaf memory chosen = leafAt(0);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, personal(STRANGER), 0, STAKE));
        vm.prank(STRANGER);
        challenges.challengeListing(what, chosen, cheap);
    }

    /// A part of a split job is judged by the time of the whole's request.
    function test_AGT09_listing_ofAPart() public {
        (asked.gpuCount, asked.maxParts) = (4, 2);
        JobId whole = request(BUYER, asked);
        uint16[] memory counts = new uint16[](2);
        (counts[0], counts[1]) = (2, 2);
        IJobRegistry registry = jobs;
        JobRequest memory wholeRequest = asked;
        vm.startPrank(ROUTER);
        JobId part = registry.split(whole, termsOf(whole), wholeRequest, counts);
        vm.stopPrank();
        (asked.gpuCount, asked.maxParts) = (2, 0);
        parted(whole, part, asked);
        vm.warp(block.timestamp + 5);
        job = part;
        routing = routingBy(0);
        routeTo(part, asked, routing);
        assertTrue(challenge(cheap));
    }

    /* ANOTHER OWNER */

    /// What is attested of the owner now says nothing of the one whose listing the router saw.
    function test_VER05_listing_notByAnOwnerWhoCameAfterTheRequest() public {
        vm.startPrank(VERIFIER);
        providers.attest(OWNER, AttestationKind.Kyc, "evidence", uint40(block.timestamp + 300 days));
        providers.attest(STRANGER, AttestationKind.Kyc, "evidence", uint40(block.timestamp + 300 days));
        vm.stopPrank();
        address unattested = makeAddr("unattested");
        vm.startPrank(unattested);
        ProviderId bait = providers.registerProvider("Bait", "");
        ListingId one = providers.addListing(bait, ListingKind.Own, hardware(), fixedPricing(1), description(ListingKind.Own));
        vm.stopPrank();
        vm.warp(block.timestamp + 1 hours);
        asked.routeDeadline = uint40(block.timestamp + 1 hours);
        asked.attestations = uint16(1) << uint16(AttestationKind.Kyc);
        decide();
        vm.prank(unattested);
        providers.offerProvider(bait, STRANGER);
        vm.prank(STRANGER);
        providers.acceptProvider(bait);
        refused(
            one, abi.encodeWithSelector(IProviderRegistry.OwnerChanged.selector, bait, uint40(block.timestamp), termsOf(job).requestedAt)
        );

        // Of a job that is asked for in the same second nobody can tell; of a later one everybody can.
        decide();
        refused(
            one, abi.encodeWithSelector(IProviderRegistry.OwnerChanged.selector, bait, uint40(block.timestamp), termsOf(job).requestedAt)
        );
        vm.warp(block.timestamp + 1);
        decide();
        assertTrue(challenge(one));
    }

    /// Where nothing is asked of the owner, a handover is no way to dodge.
    function test_VER05_listing_byAnotherOwnerWhereNothingIsAskedOfIt() public {
        decide();
        handOver(STRANGER);
        assertTrue(challenge(cheap));
    }

    /* A TREE WITHOUT THE CHOICE */

    function challengeUnshown(ListingId better) private returns (bool) {
        IChallenge.Decision memory what = decisionOf(job, asked, routing);
        IChallenge.Leaf memory unshown;
        vm.prank(CHALLENGER);
        return challenges.challengeListing(what, unshown, better);
    }

    /// A root that does not hold what was routed, or a ranking that is kept back, closes no challenge.
    function test_VER05_listing_withoutTheChosenLine() public {
        job = request(BUYER, asked);
        routing = routingTo(listing, RATE);
        routing.candidatesRoot = "of nothing";
        routeTo(job, asked, routing);
        refused(cheap, abi.encodeWithSelector(IChallenge.NotACandidate.selector, routing.candidatesRoot, leafHash(ranking[0])));
        assertTrue(challengeUnshown(cheap));
    }

    /// It counts as perfect: with the worst of all qualities a listing has to be that much cheaper.
    function test_VER05_listing_withoutTheChosenLineItCountsAsPerfect() public {
        // Two weights of 500 at the worst distance make it 1.1 of the price: a micro-dollar above, and the same at less.
        ListingId even = newListing(ListingKind.Own, fixedPricing(RATE * 10 / 11 + 2));
        ListingId better = newListing(ListingKind.Own, fixedPricing(RATE * 10 / 11 + 1));
        vm.warp(block.timestamp + 1);
        ranking[0] = candidate(listing, RATE, 10_000);
        decide();
        assertFalse(challengeUnshown(even));
        // Shown as what it is, it is worse.
        assertTrue(challenge(even));
        reopened(job);
        decide();
        assertTrue(challengeUnshown(better));
    }
}
