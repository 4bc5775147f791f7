// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl as IOpenZeppelin} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {IAccessControl} from "../../src/interfaces/IAccessControl.sol";
import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {JobId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Routing, Terms} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title BILL-04, SET-02, SET-04: the fee, the pause, and what the JobRegistry stands on
contract PlatformTest is Base {
    address private immutable TREASURY = makeAddr("treasury");

    function unauthorized(address caller, bytes32 role) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IOpenZeppelin.AccessControlUnauthorizedAccount.selector, caller, role);
    }

    function setFee(uint16 fee, address treasury) private {
        vm.prank(ADMIN);
        jobs.setFee(fee, treasury);
    }

    /* THE FEE */

    function test_BILL04_fee_isZeroUntilItIsSet() public view {
        (uint16 fee, address treasury) = jobs.currentFee();
        assertEq(fee, 0);
        assertEq(treasury, address(0));
    }

    function test_BILL04_setFee_hasABoundThatNobodyMoves() public {
        assertEq(jobs.MAX_FEE(), 500);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.InvalidFee.selector, 501, 500, TREASURY));
        setFee(501, TREASURY);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.FeeChanged(500, TREASURY, ADMIN);
        setFee(500, TREASURY);
        (uint16 fee, address treasury) = jobs.currentFee();
        assertEq(fee, 500);
        assertEq(treasury, TREASURY);
    }

    /// Where there was a treasury there stays one: jobs under way may owe it.
    function test_BILL04_setFee_needsATreasury() public {
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.InvalidFee.selector, 1, 500, address(0)));
        setFee(1, address(0));
        setFee(0, address(0));
        setFee(0, TREASURY);
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.InvalidFee.selector, 0, 500, address(0)));
        setFee(0, address(0));
        setFee(0, STRANGER);
    }

    function test_BILL04_setFee_onlyTheAdministrator() public {
        address[6] memory callers = [STRANGER, PAUSER, ROUTER, ARBITER, VERIFIER, TREASURY];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(unauthorized(callers[i], 0));
            vm.prank(callers[i]);
            jobs.setFee(1, callers[i]);
        }
    }

    function test_BILL04_fee_isTakenFromWhatIsPaid() public {
        setFee(123, TREASURY);
        uint256 before = availableOf(personal(BUYER));
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        Terms memory terms = termsOf(job);
        vm.warp(block.timestamp + 1 hours + 1);
        // 4,001,111 micro-USD are due; 1.23 % of it, rounded down.
        uint64 paid = 4_001_111;
        uint64 fee = 49_213;
        vm.expectEmit(address(escrow));
        emit IEscrow.Released(job, personal(BUYER), personal(OWNER), paid, fee, 60 * USD - paid);
        vm.expectEmit(address(jobs));
        emit IJobRegistry.JobSettled(job, OWNER, 1 hours + 1, paid, fee, 60 * USD - paid);
        vm.prank(OWNER);
        jobs.complete(job, terms);
        assertEq(availableOf(personal(TREASURY)), fee);
        assertEq(availableOf(personal(OWNER)), paid - fee);
        // The buyer pays what it would pay without a fee.
        assertEq(availableOf(personal(BUYER)), before - paid);
    }

    /// What counts is the fee of the moment of the routing, either way; the treasury is the one of the payment.
    function test_BILL04_fee_isFixedAtTheRouting() public {
        JobId free = jobIn(JobStatus.Running, BUYER, aRequest());
        setFee(500, STRANGER);
        JobId charged = jobIn(JobStatus.Running, BUYER, aRequest());
        setFee(0, TREASURY);
        vm.warp(block.timestamp + 10 hours);
        complete(free);
        assertEq(availableOf(personal(OWNER)), 40 * USD);
        complete(charged);
        assertEq(availableOf(personal(OWNER)), 78 * USD);
        assertEq(availableOf(personal(TREASURY)), 2 * USD);
        assertEq(availableOf(personal(STRANGER)), 0);
    }

    function test_BILL04_fee_ofNothingPaidIsNothing() public {
        setFee(500, TREASURY);
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        complete(job);
        JobId failed = jobIn(JobStatus.Running, BUYER, aRequest());
        vm.warp(block.timestamp + 10 hours);
        Terms memory terms = termsOf(failed);
        vm.prank(OWNER);
        jobs.fail(failed, terms);
        assertEq(availableOf(personal(TREASURY)), 0);
    }

    /// A provider that is the treasury gets both; a buyer that is gets its fee back.
    function test_BILL04_fee_whoeverTheTreasuryIs() public {
        setFee(500, OWNER);
        JobId job = jobIn(JobStatus.Running, BUYER, aRequest());
        vm.warp(block.timestamp + 10 hours);
        complete(job);
        assertEq(availableOf(personal(OWNER)), 40 * USD);
        setFee(500, BUYER);
        uint256 before = availableOf(personal(BUYER));
        job = jobIn(JobStatus.Running, BUYER, aRequest());
        vm.warp(block.timestamp + 10 hours);
        complete(job);
        assertEq(availableOf(personal(BUYER)), before - 38 * USD);
    }

    function testFuzz_BILL04_fee_conserves(uint16 fee, uint64 price, uint32 ran) public {
        setFee(uint16(bound(fee, 0, 500)), TREASURY);
        price = uint64(bound(price, 1, 3 * USD));
        vm.prank(OWNER);
        providers.setPricing(listing, fixedPricing(price));
        JobRequest memory asked = aRequest();
        JobId job = request(BUYER, asked);
        routeTo(job, asked, routingTo(listing, price));
        start(job);
        uint256 before = availableOf(personal(BUYER));
        vm.warp(block.timestamp + bound(ran, 0, 20 hours));
        complete(job);
        uint256 paid = before + 60 * USD - availableOf(personal(BUYER));
        (uint16 held,) = jobs.currentFee();
        assertEq(availableOf(personal(TREASURY)), paid * held / 10_000);
        assertEq(availableOf(personal(OWNER)) + availableOf(personal(TREASURY)), paid);
    }

    /* THE PAUSE */

    function test_SET04_pause_refusesWithoutRole() public {
        address[4] memory callers = [STRANGER, ADMIN, ROUTER, ARBITER];
        bytes32 role = access.PAUSER_ROLE();
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(unauthorized(callers[i], role));
            jobs.pause();
            vm.expectRevert(unauthorized(callers[i], role));
            jobs.unpause();
            vm.stopPrank();
        }
    }

    function test_SET04_pause_stopsWhatIsNewUntilUnpaused() public {
        JobRequest memory asked = aRequest();
        asked.maxParts = 2;
        JobId open = request(BUYER, asked);
        Terms memory terms = termsOf(open);
        Routing memory routing = aRouting();
        uint16[] memory counts = new uint16[](2);
        (counts[0], counts[1]) = (1, 1);

        vm.expectEmit(address(jobs));
        emit IJobRegistry.Paused(PAUSER);
        vm.prank(PAUSER);
        jobs.pause();
        assertTrue(jobs.paused());
        vm.expectRevert(IJobRegistry.IsPaused.selector);
        vm.prank(BUYER);
        jobs.request(asked);
        vm.startPrank(ROUTER);
        vm.expectRevert(IJobRegistry.IsPaused.selector);
        jobs.route(open, terms, asked, routing);
        vm.expectRevert(IJobRegistry.IsPaused.selector);
        jobs.split(open, terms, asked, counts);
        vm.stopPrank();
        // Every way out while paused: MatrixTest.

        vm.expectEmit(address(jobs));
        emit IJobRegistry.Unpaused(PAUSER);
        vm.prank(PAUSER);
        jobs.unpause();
        assertFalse(jobs.paused());
        request(BUYER, asked);
        route(open, asked);
    }

    /// Pausing keeps the fee, the treasury and the count: they share a slot.
    function test_SET04_pause_changesNothingElse() public {
        setFee(77, TREASURY);
        request(BUYER, aRequest());
        vm.startPrank(PAUSER);
        jobs.pause();
        jobs.unpause();
        vm.stopPrank();
        (uint16 fee, address treasury) = jobs.currentFee();
        assertEq(fee, 77);
        assertEq(treasury, TREASURY);
        assertEq(jobs.jobCount(), 1);
    }

    /* WIRING */

    function test_SET05_constructor_refusesContractsOfAnother() public {
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.WrongWiring.selector, STRANGER, address(jobs)));
        build("JobRegistry", abi.encode(escrow, providers, access, challenges), STRANGER);
    }

    /// Its roles would be another AccessControl's than those by which providers are attested.
    function test_SET05_constructor_refusesAnotherAccessControl() public {
        vm.mockCall(STRANGER, abi.encodeCall(IAccessControl.JOB_REGISTRY, ()), abi.encode(jobs));
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.WrongWiring.selector, STRANGER, address(access)));
        build("JobRegistry", abi.encode(escrow, providers, STRANGER, challenges), address(jobs));
        // One that both know, but that serves another JobRegistry.
        vm.mockCall(address(providers), abi.encodeCall(IProviderRegistry.ACCESS_CONTROL, ()), abi.encode(STRANGER));
        vm.mockCall(STRANGER, abi.encodeCall(IAccessControl.JOB_REGISTRY, ()), abi.encode(BUYER));
        vm.expectRevert(abi.encodeWithSelector(IJobRegistry.WrongWiring.selector, address(jobs), BUYER));
        build("JobRegistry", abi.encode(escrow, providers, STRANGER, challenges), address(jobs));
    }

    function test_SET05_constants() public view {
        assertEq(jobs.ESCROW(), address(escrow));
        assertEq(jobs.PROVIDER_REGISTRY(), address(providers));
        assertEq(jobs.ACCESS_CONTROL(), address(access));
        assertEq(jobs.CHALLENGE(), address(challenges));
        assertEq(jobs.GRACE_PERIOD(), 1 hours);
        assertEq(jobs.ARBITER_PERIOD(), 7 days);
        assertEq(jobs.SILENCE_SHARE(), 5_000);
    }
}
