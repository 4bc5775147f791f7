// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "../../src/interfaces/IAccessControl.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {JobId, ListingId} from "../../src/types/Ids.sol";
import {Job, JobRequest, JobStatus, Routing, Terms} from "../../src/types/Job.sol";
import {ListingKind, PricingModel} from "../../src/types/Listing.sol";
import {Base} from "../utils/Base.sol";

/// @title RES-01, SET-01: a job that lost its place finds another one
contract FailoverTest is Base {
    JobRequest private asked;
    JobId private job;
    ListingId private second;
    uint40 private startDeadline;

    function setUp() public override {
        super.setUp();
        asked = aRequest();
        second = newListing(ListingKind.Own, fixedPricing(RATE));
        job = request(BUYER, asked);
        route(job, asked);
        startDeadline = uint40(block.timestamp) + asked.startWindow;
    }

    /// Routes as ROUTER by what was agreed so far.
    function reroute(Routing memory routing) private {
        Terms memory terms = termsOf(job);
        vm.prank(ROUTER);
        jobs.route(job, terms, asked, routing);
    }

    /* THE START WAS MISSED */

    function test_RES01_reroute_onceTheStartWasMissed() public {
        Routing memory routing = routingTo(second, RATE);
        vm.warp(startDeadline);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.WrongStatus.selector, job, JobStatus.Routed));
        reroute(routing);

        vm.warp(startDeadline + 1);
        bytes32 commitment = jobs.commitmentOf(job, jobs.hashRequest(asked), OWNER, routing);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobReopened(job, listing, OWNER, IJobRegistry.ReopenReason.NotStarted);
        vm.expectEmit(address(providers));
        emit IProviderRegistry.CapacityReleased(listing, 2, 0);
        vm.expectEmit(address(providers));
        emit IProviderRegistry.CapacityReserved(second, 2, 2);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobRouted({
            job: job,
            listing: second,
            provider: OWNER,
            listingVersion: 1,
            pricePerGpuHour: RATE,
            fee: 0,
            router: ROUTER,
            startDeadline: uint40(block.timestamp) + asked.startWindow,
            candidatesRoot: routing.candidatesRoot,
            recordRoot: routing.recordRoot,
            recordHash: routing.recordHash,
            commitment: commitment
        });
        reroute(routing);
        routed(job, asked, routing);
        jobs.checkTerms(job, termsOf(job));
        Job memory held = jobs.getJob(job);
        assertEq(uint8(held.status), uint8(JobStatus.Routed));
        assertEq(held.time, block.timestamp + asked.startWindow);
        assertEq(reservedOf(listing), 0);
        assertEq(reservedOf(second), 2);
        assertEq(providers.getProvider(provider).failed, 1);
        assertEq(lockedOf(personal(BUYER)), 60 * USD);

        // The new place runs it to its end.
        start(job);
        vm.warp(block.timestamp + 10 hours);
        complete(job);
        assertEq(reservedOf(second), 0);
        assertEq(providers.getProvider(provider).completed, 1);
    }

    function test_RES01_reroute_untilTheRouteDeadlinesLastSecond() public {
        Routing memory routing = routingTo(second, RATE);
        vm.warp(asked.routeDeadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.DeadlinePassed.selector, job, asked.routeDeadline, block.timestamp));
        reroute(routing);
        vm.warp(asked.routeDeadline);
        reroute(routing);
    }

    /// The last place of a listing is free for the same job again.
    function test_RES01_reroute_toTheSameListing() public {
        vm.prank(OWNER);
        providers.setCapacity(listing, 2, false);
        vm.warp(startDeadline + 1);
        Routing memory routing = routingTo(listing, RATE);
        reroute(routing);
        assertEq(reservedOf(listing), 2);
    }

    /// What it had reserved itself does not raise its own price.
    function test_RES01_reroute_ofADynamicListingAtTheFreedPrice() public {
        ListingId rising = newListing(ListingKind.Own, bandPricing(PricingModel.Dynamic, USD, 2 * USD));
        vm.warp(startDeadline + 1);
        Routing memory routing = routingTo(rising, USD);
        reroute(routing);
        routed(job, asked, routing);
        startDeadline = uint40(block.timestamp) + asked.startWindow;
        vm.warp(startDeadline + 1);
        reroute(routingTo(rising, USD));
    }

    function test_RES01_reroute_onlyByARouter() public {
        vm.warp(startDeadline + 1);
        Routing memory routing = routingTo(second, RATE);
        Terms memory terms = termsOf(job);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.NotRouter.selector, BUYER));
        vm.prank(BUYER);
        jobs.route(job, terms, asked, routing);
    }

    /// The provider that missed its start has no hold on the job any more.
    function test_RES01_reroute_takesTheJobFromTheOldProvider() public {
        vm.warp(startDeadline + 1);
        Terms memory old = termsOf(job);
        reroute(routingTo(second, RATE));
        routed(job, asked, routingTo(second, RATE));
        bytes26 held = jobs.getJob(job).termsHash;
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.TermsMismatch.selector, job, held, jobs.hashTerms(old)));
        jobs.start(job, old);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.TermsMismatch.selector, job, held, jobs.hashTerms(old)));
        jobs.decline(job, old);
        vm.stopPrank();
    }

    /* DECLINED */

    function test_RES01_decline_putsTheJobBackToWait() public {
        Terms memory terms = termsOf(job);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobReopened(job, listing, OWNER, IJobRegistry.ReopenReason.Declined);
        vm.prank(OWNER);
        jobs.decline(job, terms);
        reopened(job);

        Job memory held = jobs.getJob(job);
        assertEq(uint8(held.status), uint8(JobStatus.Requested));
        assertEq(held.time, asked.routeDeadline);
        jobs.checkTerms(job, termsOf(job));
        assertEq(reservedOf(listing), 0);
        assertEq(providers.getProvider(provider).failed, 1);
        assertEq(lockedOf(personal(BUYER)), 60 * USD);

        Routing memory routing = routingTo(second, RATE);
        routeTo(job, asked, routing);
        jobs.checkTerms(job, termsOf(job));
    }

    function test_RES01_decline_alsoAfterTheStartDeadline() public {
        Terms memory terms = termsOf(job);
        vm.warp(asked.routeDeadline + 1 days);
        vm.prank(OWNER);
        jobs.decline(job, terms);
        reopened(job);
        jobs.expire(job, termsOf(job));
        assertEq(lockedOf(personal(BUYER)), 0);
    }

    function test_RES01_decline_theTermsAreWhatTheyWereBeforeTheRouting() public {
        JobId fresh = request(BUYER, asked);
        Terms memory before = termsOf(fresh);
        bytes26 hash = jobs.getJob(fresh).termsHash;
        route(fresh, asked);
        Terms memory terms = termsOf(fresh);
        vm.prank(OWNER);
        jobs.decline(fresh, terms);
        assertEq(jobs.getJob(fresh).termsHash, hash);
        jobs.checkTerms(fresh, before);
    }

    /* OVERTURNED */

    function test_RES01_overturn_onlyByTheChallenge() public {
        Terms memory terms = termsOf(job);
        address[6] memory callers = [STRANGER, BUYER, OWNER, ROUTER, ADMIN, ARBITER];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotChallenge.selector, callers[i]));
            vm.prank(callers[i]);
            jobs.overturn(job, terms);
        }
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobReopened(job, listing, OWNER, IJobRegistry.ReopenReason.Overturned);
        vm.prank(address(challenges));
        jobs.overturn(job, terms);
        reopened(job);
        jobs.checkTerms(job, termsOf(job));
        // The provider is not to blame for it.
        assertEq(providers.getProvider(provider).failed, 0);
        assertEq(reservedOf(listing), 0);
    }

    function test_RES01_overturn_leavesWhatRunsAlone() public {
        start(job);
        Terms memory terms = termsOf(job);
        vm.prank(address(challenges));
        jobs.overturn(job, terms);
        assertEq(uint8(statusOf(job)), uint8(JobStatus.Running));
        assertEq(reservedOf(listing), 2);
    }
}
