// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {JobId, ListingId, ProviderId} from "../../src/types/Ids.sol";
import {JobStatus, Terms} from "../../src/types/Job.sol";
import {AccessRules, ListingKind, Tier} from "../../src/types/Listing.sol";
import {Base} from "../utils/Base.sol";

/// @title PROV-01, SET-03: who acts for a provider, and how far
contract DelegatesTest is Base {
    ProviderId private constant NO_PROVIDER = ProviderId.wrap(99);
    ListingId private constant NO_LISTING = ListingId.wrap(99);
    uint256 private constant OWNERS = 6;

    address private immutable DELEGATE = makeAddr("delegate");

    function setDelegate(bool allowed) private {
        vm.prank(OWNER);
        providers.setDelegate(provider, DELEGATE, allowed);
    }

    /// The first six are the owner's alone, the others the delegates' too.
    function calls(ProviderId of_, ListingId what) private pure returns (bytes[] memory all) {
        all = new bytes[](10);
        all[0] = abi.encodeCall(IProviderRegistry.updateProvider, (of_, "x", ""));
        all[1] = abi.encodeCall(IProviderRegistry.offerProvider, (of_, address(1)));
        all[2] = abi.encodeCall(
            IProviderRegistry.addListing, (of_, ListingKind.Own, hardware(), fixedPricing(RATE), description(ListingKind.Own))
        );
        all[3] = abi.encodeCall(IProviderRegistry.setDelegate, (of_, address(2), true));
        all[4] = abi.encodeCall(IProviderRegistry.setBuyerAllowed, (of_, address(2), true));
        all[5] = abi.encodeCall(IProviderRegistry.setAccessRules, (what, AccessRules({attestations: 1, allowListOnly: true})));
        all[6] = abi.encodeCall(IProviderRegistry.setPricing, (what, fixedPricing(RATE)));
        all[7] = abi.encodeCall(IProviderRegistry.setCapacity, (what, 16, false));
        all[8] = abi.encodeCall(IProviderRegistry.setAvailability, (what, 0, 0));
        all[9] = abi.encodeCall(IProviderRegistry.setTiers, (what, new Tier[](0)));
    }

    function call(address by, bytes memory data, bytes memory why) private {
        vm.prank(by);
        (bool success, bytes memory answer) = address(providers).call(data);
        assertEq(success, why.length == 0);
        if (!success) assertEq(answer, why);
    }

    /* WHO */

    /// Every call x everybody.
    function test_PROV01_ownerAndDelegates_matrix() public {
        setDelegate(true);
        address[6] memory callers = [OWNER, DELEGATE, STRANGER, ADMIN, ROUTER, address(jobs)];
        bytes[] memory all = calls(provider, listing);
        for (uint256 i = 0; i < all.length; ++i) {
            bool ownersOnly = i < OWNERS;
            bytes4 refused = ownersOnly ? IProviderRegistry.NotProviderOwner.selector : IProviderRegistry.NotProviderDelegate.selector;
            for (uint256 j = 0; j < callers.length; ++j) {
                uint256 before = vm.snapshotState();
                bool allowed = j == 0 || (j == 1 && !ownersOnly);
                call(callers[j], all[i], allowed ? bytes("") : abi.encodeWithSelector(refused, provider, callers[j], OWNER));
                vm.revertToState(before);
            }
        }
    }

    function test_PROV01_unknownProvidersAndListings() public {
        bytes[] memory all = calls(NO_PROVIDER, NO_LISTING);
        for (uint256 i = 0; i < all.length; ++i) {
            call(
                OWNER,
                all[i],
                i < OWNERS - 1
                    ? abi.encodeWithSelector(IProviderRegistry.UnknownProvider.selector, NO_PROVIDER)
                    : abi.encodeWithSelector(IProviderRegistry.UnknownListing.selector, NO_LISTING)
            );
        }
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.UnknownListing.selector, NO_LISTING));
        providers.mayOperate(NO_LISTING, OWNER);
    }

    function test_PROV01_setDelegate_isToldAndTakenBack() public {
        vm.expectEmit(address(providers));
        emit IProviderRegistry.DelegateSet(provider, DELEGATE, true);
        setDelegate(true);
        assertTrue(providers.isDelegate(provider, DELEGATE));
        assertTrue(providers.mayOperate(listing, DELEGATE));
        assertTrue(providers.mayOperate(listing, OWNER));
        assertFalse(providers.mayOperate(listing, STRANGER));

        vm.expectEmit(address(providers));
        emit IProviderRegistry.DelegateSet(provider, DELEGATE, false);
        setDelegate(false);
        assertFalse(providers.mayOperate(listing, DELEGATE));
        bytes memory refused = abi.encodeWithSelector(IProviderRegistry.NotProviderDelegate.selector, provider, DELEGATE, OWNER);
        call(DELEGATE, calls(provider, listing)[6], refused);

        vm.expectRevert(IProviderRegistry.ZeroDelegate.selector);
        vm.prank(OWNER);
        providers.setDelegate(provider, address(0), true);
    }

    function test_PROV01_delegate_isOfOneProviderOnly() public {
        setDelegate(true);
        ProviderId other = newProvider(OWNER);
        assertFalse(providers.isDelegate(other, DELEGATE));
        ListingId others;
        vm.prank(OWNER);
        others = providers.addListing(other, ListingKind.Own, hardware(), fixedPricing(RATE), description(ListingKind.Own));
        assertFalse(providers.mayOperate(others, DELEGATE));
    }

    /* JOBS */

    /// It starts, declines, gives up and completes, and never gets the money.
    function test_PROV01_delegate_runsJobsAndIsNeverPaid() public {
        setDelegate(true);
        JobId job = jobIn(JobStatus.Routed, BUYER, aRequest());
        Terms memory terms = termsOf(job);
        vm.startPrank(DELEGATE);
        jobs.start(job, terms);
        vm.warp(block.timestamp + 10 hours);
        jobs.complete(job, terms);
        vm.stopPrank();
        assertEq(availableOf(personal(OWNER)), 40 * USD);
        assertEq(availableOf(personal(DELEGATE)), 0);

        JobId declined = jobIn(JobStatus.Routed, BUYER, aRequest());
        terms = termsOf(declined);
        vm.prank(DELEGATE);
        jobs.decline(declined, terms);
        JobId failed = jobIn(JobStatus.Running, BUYER, aRequest());
        terms = termsOf(failed);
        vm.prank(DELEGATE);
        jobs.fail(failed, terms);
        assertEq(lockedOf(personal(BUYER)), 60 * USD);
    }

    function test_PROV01_delegate_onceTakenBackRunsNothing() public {
        setDelegate(true);
        JobId job = jobIn(JobStatus.Routed, BUYER, aRequest());
        Terms memory terms = termsOf(job);
        setDelegate(false);
        vm.startPrank(DELEGATE);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotProvider.selector, job, DELEGATE));
        jobs.start(job, terms);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.NotProvider.selector, job, DELEGATE));
        jobs.decline(job, terms);
        vm.stopPrank();
    }

    /// Of a provider that was handed over both may run the job: the old owner is paid, the new one has the machines.
    function test_PROV01_transferredProvider_bothRunItsJobs() public {
        JobId job = jobIn(JobStatus.Routed, BUYER, aRequest());
        Terms memory terms = termsOf(job);
        handOver(STRANGER);
        vm.prank(STRANGER);
        jobs.start(job, terms);
        vm.warp(block.timestamp + 10 hours);
        vm.prank(OWNER);
        jobs.complete(job, terms);
        assertEq(availableOf(personal(OWNER)), 40 * USD);
        assertEq(availableOf(personal(STRANGER)), 0);
    }

    /// What delegates may do ends with the owner who let them, and does not come back with it.
    function test_PROV01_transferredProvider_hasNoDelegates() public {
        setDelegate(true);
        vm.prank(OWNER);
        providers.offerProvider(provider, STRANGER);
        assertTrue(providers.isDelegate(provider, DELEGATE));
        vm.prank(STRANGER);
        providers.acceptProvider(provider);
        assertFalse(providers.isDelegate(provider, DELEGATE));
        assertFalse(providers.mayOperate(listing, DELEGATE));
        vm.prank(STRANGER);
        providers.offerProvider(provider, OWNER);
        vm.prank(OWNER);
        providers.acceptProvider(provider);
        assertFalse(providers.mayOperate(listing, DELEGATE));
        setDelegate(true);
        assertTrue(providers.mayOperate(listing, DELEGATE));
    }
}
