// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl, TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {JobId, ListingId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Terms} from "../../src/types/Job.sol";
import {Hardware, ListingKind, PricingModel} from "../../src/types/Listing.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-01, SET-02: a running job goes on for longer
contract ExtendTest is Base {
    uint64 private constant LOCKED = 60 * USD;

    function extend(JobId job, uint32 extra) private {
        extendBy(termsOf(job).requester, job, extra);
    }

    function extendBy(address by, JobId job, uint32 extra) private {
        Terms memory terms = termsOf(job);
        vm.prank(by);
        jobs.extend(job, terms, extra);
    }

    /// Locked is 60 USD for 10 hours at 3 USD; it runs at 2 USD, so that 5 hours more are paid for already.
    function test_SET02_extend_usesTheSurplusOfTheLockFirst() public {
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        uint40 startedAt = uint40(block.timestamp);
        uint256 before = availableOf(personal(BUYER));
        vm.warp(block.timestamp + 10 hours);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobExtended(job, 15 hours, LOCKED, startedAt + 15 hours);
        extend(job, 5 hours);
        extended(job, 15 hours, LOCKED);
        jobs.checkTerms(job, termsOf(job));
        assertEq(availableOf(personal(BUYER)), before);
        // The start is what it was.
        assertEq(jobs.getJob(job).time, startedAt);

        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobExtended(job, 16 hours, 64 * USD, startedAt + 16 hours);
        vm.expectEmit(address(escrow));
        emit IEscrow.Locked(job, personal(BUYER), 4 * USD);
        extend(job, 1 hours);
        extended(job, 16 hours, 64 * USD);
        jobs.checkTerms(job, termsOf(job));
        assertEq(availableOf(personal(BUYER)), before - 4 * USD);
        assertEq(lockedOf(personal(BUYER)), 64 * USD);

        vm.warp(startedAt + 20 hours);
        complete(job);
        assertEq(availableOf(personal(OWNER)), 64 * USD);
        assertEq(lockedOf(personal(BUYER)), 0);
    }

    /// The lock for the longer time is rounded up, as the first one was.
    function test_SET02_extend_roundsTheLockUp() public {
        JobRequest memory asked = aRequest();
        asked.maxPricePerGpuHour = RATE;
        JobId job = jobIn(JobStatus.Running, BUYER, asked);
        extend(job, 1);
        // 2 x 2 USD / 3600 = 1111.1
        extended(job, 10 hours + 1, 40 * USD + 1112);
        jobs.checkTerms(job, termsOf(job));
    }

    function test_SET02_extend_refusesWithoutMoney() public {
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        uint256 free = availableOf(personal(BUYER));
        vm.prank(BUYER);
        escrow.withdraw(free - 1, BUYER);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InsufficientBalance.selector, personal(BUYER), 1, 4 * USD));
        extend(job, 6 hours);
    }

    /* THE LISTING'S SAY */

    function test_SET01_extend_notWhileTheListingIsOffline() public {
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        vm.prank(OWNER);
        providers.setCapacity(listing, 16, true);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.ListingOffline.selector, listing));
        extend(job, 1 hours);
    }

    function test_PROV01_extend_staysInTheAvailabilityWindow() public {
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        uint256 startedAt = block.timestamp;
        uint256 end = startedAt + 12 hours;
        vm.prank(OWNER);
        providers.setAvailability(listing, 0, uint32(end));
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.OutsideAvailability.selector, 0, end, block.timestamp, end + 1));
        extend(job, 2 hours + 1);
        extend(job, 2 hours);
    }

    function test_PROV02_extend_notBelowARisenPrice() public {
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        vm.prank(OWNER);
        providers.setPricing(listing, fixedPricing(RATE + 1));
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.PriceRisen.selector, RATE, RATE + 1));
        extend(job, 1 hours);
        // A price that fell is no hindrance; the agreed one stays.
        vm.prank(OWNER);
        providers.setPricing(listing, fixedPricing(RATE - 1));
        extend(job, 1 hours);
    }

    /// A dynamic price counts what others reserved, not what the job itself holds.
    function test_PROV02_extend_ofADynamicPriceWithoutItself() public {
        ListingId rising = newListing(ListingKind.Own, bandPricing(PricingModel.Dynamic, USD, 2 * USD));
        JobRequest memory asked = aRequest();
        JobId job = request(BUYER, asked);
        routeTo(job, asked, routingTo(rising, USD));
        start(job);
        extend(job, 1 hours);
        extended(job, 11 hours, LOCKED);

        JobId other = request(BUYER, asked);
        routeTo(other, asked, routingTo(rising, 1_125_000));
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.PriceRisen.selector, USD, 1_125_000));
        extend(job, 1 hours);
    }

    function test_PROV02_extend_ofABandInsideIt() public {
        ListingId open = newListing(ListingKind.Network, bandPricing(PricingModel.Dynamic, USD, 2 * USD));
        JobRequest memory asked = aRequest();
        JobId job = request(BUYER, asked);
        routeTo(job, asked, routingTo(open, USD + 5));
        start(job);
        vm.prank(OWNER);
        providers.setPricing(open, bandPricing(PricingModel.Dynamic, USD + 6, 2 * USD));
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.PriceOutsideBand.selector, USD + 5, USD + 6, 2 * USD));
        extend(job, 1 hours);
        vm.prank(OWNER);
        providers.setPricing(open, bandPricing(PricingModel.Dynamic, USD + 5, 2 * USD));
        extend(job, 1 hours);
    }

    /* TIME */

    function test_SET01_extend_untilTheLastSecondOfTheRun() public {
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        uint256 endsAt = block.timestamp + 10 hours;
        vm.warp(endsAt + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.DeadlinePassed.selector, job, endsAt, endsAt + 1));
        extend(job, 1 hours);
        vm.warp(endsAt);
        extend(job, 1 hours);
    }

    function test_SET01_extend_neverLongerThanTheLongest() public {
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        uint32 most = 90 days - 10 hours;
        uint32[3] memory bad = [uint32(0), most + 1, type(uint32).max];
        uint32[3] memory told = [uint32(10 hours), 90 days + 1, type(uint32).max];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IJobRegistry.InvalidDuration.selector, told[i], uint32(10 hours + 1), uint32(90 days)));
            extend(job, bad[i]);
        }
        extend(job, most);
    }

    /* WHO */

    function test_SET04_extend_byTheRequesterOrAUserOfItsTeam() public {
        JobId job = jobIn(JobStatus.Running, TEAM_ADMIN, aTeamRequest());
        address[4] memory callers = [STRANGER, OWNER, ROUTER, TEAM_VIEWER];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, callers[i]));
            extendBy(callers[i], job, 1 hours);
        }
        extendBy(TEAM_USER, job, 1 hours);
    }

    /// What is locked on top counts in the budget of the one that asked, and comes back to it.
    function test_SET04_extend_ofATeamStaysInItsBudgets() public {
        vm.prank(TEAM_ADMIN);
        access.setMemberBudget(team, TEAM_USER, 64 * USD);
        JobId job = jobIn(JobStatus.Running, TEAM_USER, aTeamRequest());
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.MemberBudgetExceeded.selector, team, TEAM_USER, 64 * USD, LOCKED, 8 * USD));
        extend(job, 7 hours);
        extendBy(TEAM_ADMIN, job, 6 hours);
        extended(job, 16 hours, 64 * USD);
        assertEq(access.memberBudget(team, TEAM_USER).spent, 64 * USD);
        complete(job);
        assertEq(access.memberBudget(team, TEAM_USER).spent, 0);
    }

    function test_SET04_extend_onTopNotForWhoLeftTheTeam() public {
        JobId job = jobIn(JobStatus.Running, TEAM_USER, aTeamRequest());
        vm.prank(TEAM_ADMIN);
        access.setMember(team, TEAM_USER, TeamRole.None);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotRequester.selector, job, TEAM_USER));
        extend(job, 6 hours);
    }

    /// Pausing stops what is new, not what runs.
    function test_SET02_extend_staysOpenWhilePaused() public {
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        vm.prank(PAUSER);
        jobs.pause();
        extend(job, 1 hours);
    }

    /// However often and however long: what is due at the end is always covered.
    function testFuzz_SET02_extend_theLockCoversWhatIsDue(uint64 maximum, uint32[4] memory extras, uint32 ran) public {
        JobRequest memory asked = aRequest();
        asked.maxPricePerGpuHour = uint64(bound(maximum, RATE, 3 * RATE));
        JobId job = jobIn(JobStatus.Running, BUYER, asked);
        uint256 before = availableOf(personal(BUYER)) + lockedOf(personal(BUYER));
        uint32 duration = 10 hours;
        uint64 locked = termsOf(job).locked;
        for (uint256 i = 0; i < extras.length; ++i) {
            uint32 extra = uint32(bound(extras[i], 1, 10 days));
            extend(job, extra);
            duration += extra;
            uint64 needed = uint64((uint256(RATE) * 2 * duration + 3599) / 3600);
            if (needed > locked) locked = needed;
            extended(job, duration, locked);
            jobs.checkTerms(job, termsOf(job));
            assertEq(lockedOf(personal(BUYER)), locked);
        }
        ran = uint32(bound(ran, 0, 60 days));
        vm.warp(block.timestamp + ran);
        complete(job);
        uint256 due = uint256(RATE) * 2 * (ran < duration ? ran : duration) / 3600;
        assertEq(availableOf(personal(OWNER)), due);
        assertEq(availableOf(personal(BUYER)), before - due);
        assertEq(lockedOf(personal(BUYER)), 0);
    }
}
