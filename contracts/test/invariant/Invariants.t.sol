// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Account as Holder, JobId, ListingId} from "../../src/types/Ids.sol";
import {Job, JobStatus} from "../../src/types/Job.sol";
import {Listing, ListingKind, PricingModel} from "../../src/types/Listing.sol";
import {Base} from "../utils/Base.sol";
import {Handler} from "./Handler.sol";

/// @title What holds after any steps in any order
/// @notice Numbered in `contracts/test/invariant/README.md`.
/// forge-config: default.isolate = false
contract InvariantsTest is Base {
    Handler private handler;

    function setUp() public override {
        super.setUp();
        handler = new Handler(access, providers, jobs, escrow, team);
        address[] memory people = new address[](5);
        (people[0], people[1], people[2], people[3], people[4]) = (TEAM_ADMIN, TEAM_USER, BUYER, STRANGER, OWNER);
        ListingId[] memory listings = new ListingId[](3);
        listings[0] = listing;
        listings[1] = newListing(ListingKind.Own, bandPricing(PricingModel.Dynamic, USD, 3 * USD));
        listings[2] = newListing(ListingKind.Network, bandPricing(PricingModel.Token, USD, 3 * USD));
        handler.setPeople(people, listings, ROUTER, PAUSER);

        bytes4[] memory steps = new bytes4[](15);
        steps[0] = Handler.deposit.selector;
        steps[1] = Handler.withdraw.selector;
        steps[2] = Handler.withdrawFromTeam.selector;
        steps[3] = Handler.donate.selector;
        steps[4] = Handler.request.selector;
        steps[5] = Handler.route.selector;
        steps[6] = Handler.start.selector;
        steps[7] = Handler.complete.selector;
        steps[8] = Handler.fail.selector;
        steps[9] = Handler.cancel.selector;
        steps[10] = Handler.expire.selector;
        steps[11] = Handler.wait_.selector;
        steps[12] = Handler.setPricing.selector;
        steps[13] = Handler.setCapacity.selector;
        steps[14] = Handler.chaos.selector;
        targetContract(address(handler));
        targetSelector(FuzzSelector({addr: address(handler), selectors: steps}));
    }

    /// All in one function: each one more would be a campaign of its own over the same steps.
    function invariant_all() public view {
        money();
        locks();
        capacity();
        prices();
        powers();
    }

    /// 1 and 2: the Escrow holds what it owes, to the cent, and donations on top.
    function money() private view {
        uint256 owed = 0;
        for (uint256 i = 0; i < handler.accountsLength(); ++i) {
            owed += availableOf(handler.accounts(i)) + lockedOf(handler.accounts(i));
        }
        uint256 held = usdc.balanceOf(address(escrow));
        assertGe(held, owed, "1: solvency");
        assertEq(held, owed + handler.donated(), "2: nobody's money");
        assertEq(owed, handler.deposited() - handler.withdrawn(), "2: in and out");
    }

    /// 3 and 4: what is locked is what the live jobs lock, job by job and in all; ended jobs gave back all they held.
    function locks() private view {
        uint256 live = 0;
        for (uint64 i = 1; i <= jobs.jobCount(); ++i) {
            Handler.Ghost memory ghost = handler.ghostOf(i);
            bool isLive = ghost.status == JobStatus.Requested || ghost.status == JobStatus.Routed || ghost.status == JobStatus.Running;
            assertEq(escrow.lockOf(JobId.wrap(i)).amount, isLive ? ghost.locked : 0, "3: lock of a job");
            if (isLive) live += ghost.locked;
            else assertEq(ghost.paid + ghost.refunded, ghost.locked, "4: conservation");
        }
        uint256 locked = 0;
        for (uint256 i = 0; i < handler.accountsLength(); ++i) {
            locked += lockedOf(handler.accounts(i));
        }
        assertEq(locked, live, "3: sum of locks");
    }

    /// 5: what is reserved is what routed and running jobs use, and never more than there is.
    function capacity() private view {
        for (uint256 i = 0; i < handler.listingsLength(); ++i) {
            ListingId id = handler.listings(i);
            uint256 used = 0;
            for (uint64 j = 1; j <= jobs.jobCount(); ++j) {
                Job memory job = jobs.getJob(JobId.wrap(j));
                bool uses = job.status == JobStatus.Routed || job.status == JobStatus.Running;
                if (uses && ListingId.unwrap(job.listing) == ListingId.unwrap(id)) used += job.gpuCount;
            }
            Listing memory held = providers.getListing(id);
            assertEq(held.reserved, used, "5: reserved");
            assertLe(held.reserved, held.total, "5: total");
        }
    }

    /// 6: a price is never above what the buyer named, and nobody is paid more than price times duration.
    function prices() private view {
        for (uint64 i = 1; i <= jobs.jobCount(); ++i) {
            Job memory job = jobs.getJob(JobId.wrap(i));
            Handler.Ghost memory ghost = handler.ghostOf(i);
            assertLe(job.pricePerGpuHour, ghost.asked.maxPricePerGpuHour, "6: price");
            assertLe(ghost.paid, jobs.costOf(job.pricePerGpuHour, job.gpuCount, job.duration), "6: paid");
            assertLe(ghost.paid, ghost.locked, "6: lock");
        }
    }

    /// 8: nobody gains a power that was not given.
    function powers() private view {
        assertTrue(access.hasRole(access.ROUTER_ROLE(), ROUTER));
        assertFalse(access.hasRole(access.ROUTER_ROLE(), STRANGER), "8: router");
        assertEq(uint8(access.roleOf(team, address(handler))), 0, "8: member");
        assertEq(usdc.balanceOf(address(handler)), 0, "8: money");
    }

    /// 7: when all deadlines are over, anybody's calls empty every lock. Runs after the steps of each run.
    function afterInvariant() public {
        handler.rescueAll();
        for (uint64 i = 1; i <= jobs.jobCount(); ++i) {
            assertEq(escrow.lockOf(JobId.wrap(i)).amount, 0, "7: rescued");
        }
        for (uint256 i = 0; i < handler.accountsLength(); ++i) {
            assertEq(lockedOf(handler.accounts(i)), 0, "7: rescued");
        }
        money();
        capacity();
    }

    /// The steps reach every end: without this, the invariants could hold because nothing ever happens.
    function test_handler_reachesEveryEnd() public {
        for (uint256 seed = 0; seed < 100; ++seed) {
            uint256 a = uint256(keccak256(abi.encode(seed)));
            handler.deposit(a, 1e12, a % 2 == 0);
            handler.request(a >> 8, uint16(a), uint32(a >> 16), uint64(a >> 32), a % 3 == 0, a % 5 == 0);
            handler.route(a >> 40, a >> 48, uint64(a >> 56));
            if (a % 4 != 0) handler.start(a);
            if (a % 7 == 0) handler.fail(a, a % 2 == 0);
            if (a % 5 == 0) handler.cancel(a, a % 2 == 0);
            if (a % 3 == 0) handler.complete(a, a % 2 == 0);
            if (a % 11 == 0) handler.wait_(a);
            handler.expire(a, a % 2 == 0, a);
            handler.chaos(a >> 64, a >> 72, a >> 80, uint64(a));
            if (seed % 20 == 19) invariant_all();
        }
        string[8] memory ends = ["requested", "routed", "started", "completed", "failed", "cancelled", "expired", "chaos"];
        for (uint256 i = 0; i < ends.length; ++i) {
            assertGt(handler.calls(bytes32(bytes(ends[i]))), 0, ends[i]);
        }
        afterInvariant();
    }
}
