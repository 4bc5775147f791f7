// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IAccessControl, TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {Funding, IEscrow} from "../../src/interfaces/IEscrow.sol";
import {Account as Holder, JobId, TeamId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Terms} from "../../src/types/Job.sol";
import {ListingKind, Tier} from "../../src/types/Listing.sol";
import {CallingToken} from "../mocks/OddTokens.sol";
import {Base} from "../utils/Base.sol";

/// @title SET-02: a token that calls back from the middle of a transfer
/// @notice The token itself is a buyer, a provider, a router with a bond and a team's Admin, so that each call would pass from outside.
/// Whatever moves tokens is refused by the guard; whatever does not may pass, and the Escrow owes to the cent what it holds.
contract ReentrancyTest is Base {
    uint128 private constant AMOUNT = 1000;

    struct Entry {
        string name;
        address target;
        bytes data;
        bool guarded;
    }

    CallingToken private token;
    address private evil;
    TeamId private evilTeam;
    JobId private open;
    JobId private running;
    JobId private provided;
    JobId private disputed;
    /// Of the last moment: not routed, running, and routed.
    JobId private fresh;
    JobId private young;
    JobId private waiting;
    JobRequest private asked;

    function setUp() public override {
        vm.warp(1_800_000_000);
        token = new CallingToken();
        evil = address(token);
        deployAll(evil);
        bytes32 role = access.ROUTER_ROLE();
        vm.prank(ADMIN);
        access.grantRole(role, evil);
        provider = newProvider(OWNER);
        listing = newListing(ListingKind.Own, fixedPricing(RATE));

        give(BUYER, 1000 * USD);
        give(ROUTER, 1000 * USD);
        give(evil, 1000 * USD);
        vm.prank(ROUTER);
        escrow.postBond(100 * USD);
        vm.startPrank(evil);
        escrow.postBond(200 * USD);
        escrow.announceBondExit(50 * USD);
        evilTeam = access.createTeam("Evil");
        vm.stopPrank();
        Holder teamAccount = escrow.accountOfTeam(evilTeam);
        token.mint(evil, 100 * USD);
        vm.prank(evil);
        escrow.depositTo(teamAccount, 100 * USD);

        open = request(evil, aRequest());
        running = jobIn(JobStatus.Running, evil, aRequest());
        vm.prank(OWNER);
        providers.setDelegate(provider, evil, true);
        provided = jobIn(JobStatus.Running, BUYER, aRequest());
        disputed = jobIn(JobStatus.Disputed, evil, aRequest());
        vm.warp(block.timestamp + 3 days);
        asked = aRequest();
        asked.maxParts = 2;
        fresh = request(evil, asked);
        young = jobIn(JobStatus.Running, evil, aRequest());
        waiting = jobIn(JobStatus.Routed, BUYER, aRequest());
        token.mint(evil, 1_000_000);
        token.mint(BUYER, 1_000_000);
    }

    function give(address person, uint256 amount) private {
        token.mint(person, amount);
        vm.prank(person);
        escrow.deposit(amount);
    }

    function entries() private view returns (Entry[] memory list) {
        list = new Entry[](26 + 10);
        address e = address(escrow);
        address j = address(jobs);
        Funding memory funding;
        funding.amount = 1;
        Holder own = personal(evil);
        Terms memory runningTerms = termsOf(running);
        uint256 i = 0;
        list[i++] = Entry("deposit", e, abi.encodeCall(IEscrow.deposit, (1)), true);
        list[i++] = Entry("depositTo", e, abi.encodeCall(IEscrow.depositTo, (own, 1)), true);
        list[i++] = Entry("depositWith", e, abi.encodeCall(IEscrow.depositWith, (evil, own, funding)), true);
        list[i++] = Entry("withdraw", e, abi.encodeCall(IEscrow.withdraw, (1, evil)), true);
        list[i++] = Entry("withdrawFromTeam", e, abi.encodeCall(IEscrow.withdrawFromTeam, (evilTeam, 1, evil)), true);
        list[i++] = Entry("depositAndRequest", j, abi.encodeCall(jobs.depositAndRequest, (funding, smallRequest())), true);
        list[i++] = Entry("postBond", e, abi.encodeCall(IEscrow.postBond, (1)), false);
        list[i++] = Entry("announceBondExit", e, abi.encodeCall(IEscrow.announceBondExit, (100 * USD)), false);
        list[i++] = Entry("withdrawBond", e, abi.encodeCall(IEscrow.withdrawBond, ()), false);
        list[i++] = Entry("request", j, abi.encodeCall(jobs.request, (smallRequest())), false);
        list[i++] = Entry("cancel", j, abi.encodeCall(jobs.cancel, (open, termsOf(open))), false);
        list[i++] = Entry("expire", j, abi.encodeCall(jobs.expire, (open, termsOf(open))), false);
        list[i++] = Entry("complete as buyer", j, abi.encodeCall(jobs.complete, (running, runningTerms)), false);
        list[i++] = Entry("complete as provider", j, abi.encodeCall(jobs.complete, (provided, termsOf(provided))), false);
        list[i++] = Entry("fail", j, abi.encodeCall(jobs.fail, (provided, termsOf(provided))), false);
        list[i++] = Entry("cancelNonce", j, abi.encodeCall(jobs.cancelNonce, (0)), false);
        list[i++] = Entry("registerProvider", address(providers), abi.encodeCall(providers.registerProvider, ("Evil", "")), false);
        list[i++] = Entry("setCapacity", address(providers), abi.encodeCall(providers.setCapacity, (listing, 16, true)), false);
        list[i++] = Entry("setPricing", address(providers), abi.encodeCall(providers.setPricing, (listing, fixedPricing(1))), false);
        list[i++] = Entry("setAvailability", address(providers), abi.encodeCall(providers.setAvailability, (listing, 1, 0)), false);
        list[i++] = Entry("createTeam", address(access), abi.encodeCall(IAccessControl.createTeam, ("Evil II")), false);
        list[i++] = Entry("setMember", address(access), abi.encodeCall(IAccessControl.setMember, (evilTeam, BUYER, TeamRole.User)), false);
        list[i++] = Entry("setTeamBudget", address(access), abi.encodeCall(IAccessControl.setTeamBudget, (evilTeam, 1, 1 hours)), false);
        list[i++] = Entry("revokeAllSessions", address(access), abi.encodeCall(IAccessControl.revokeAllSessions, ()), false);
        list[i++] = Entry("grantSession", address(access), abi.encodeCall(IAccessControl.grantSession, (BUYER, sessionLimits())), false);
        list[i++] = Entry("cancelNonce of keys", address(access), abi.encodeCall(IAccessControl.cancelNonce, (0)), false);
        i = moreEntries(list, i);
        assert(i == list.length);
    }

    /// A function of its own for the sake of the stack.
    function moreEntries(Entry[] memory list, uint256 i) private view returns (uint256) {
        address j = address(jobs);
        Terms memory terms = termsOf(young);
        list[i++] = Entry("extend", j, abi.encodeCall(jobs.extend, (young, terms, 10 hours)), false);
        list[i++] = Entry("dispute", j, abi.encodeCall(jobs.dispute, (young, terms, "")), false);
        terms = termsOf(waiting);
        list[i++] = Entry("start", j, abi.encodeCall(jobs.start, (waiting, terms)), false);
        list[i++] = Entry("decline", j, abi.encodeCall(jobs.decline, (waiting, terms)), false);
        terms = termsOf(disputed);
        list[i++] = Entry("submitEvidence", j, abi.encodeCall(jobs.submitEvidence, (disputed, terms, "")), false);
        list[i++] = Entry("concede", j, abi.encodeCall(jobs.complete, (disputed, terms)), false);
        terms = termsOf(fresh);
        uint16[] memory counts = new uint16[](2);
        (counts[0], counts[1]) = (1, 1);
        list[i++] = Entry("route", j, abi.encodeCall(jobs.route, (fresh, terms, asked, aRouting())), false);
        list[i++] = Entry("split", j, abi.encodeCall(jobs.split, (fresh, terms, asked, counts)), false);
        list[i++] = Entry("refreshRouter", j, abi.encodeCall(jobs.refreshRouter, (evil)), false);
        list[i++] = Entry("setTiers", address(providers), abi.encodeCall(providers.setTiers, (listing, new Tier[](0))), false);
        return i;
    }

    function sessionLimits() private view returns (IAccessControl.SessionLimits memory) {
        return
            IAccessControl.SessionLimits({total: 1, perPeriod: 1, period: 0, expiresAt: uint40(block.timestamp + 1), team: TeamId.wrap(0)});
    }

    function smallRequest() private view returns (JobRequest memory small) {
        small = aRequest();
        small.maxPricePerGpuHour = 1;
    }

    /// What the Escrow owes to everybody there is.
    function owed() private view returns (uint256 sum) {
        Holder[6] memory all =
            [personal(evil), personal(BUYER), personal(ROUTER), personal(OWNER), personal(STRANGER), escrow.accountOfTeam(evilTeam)];
        for (uint256 i = 0; i < all.length; ++i) {
            sum += availableOf(all[i]) + lockedOf(all[i]);
        }
        sum += escrow.bondOf(evil).amount + escrow.bondOf(ROUTER).amount;
    }

    /// Each way in x each entry.
    function test_SET02_reentrancy_intoEveryEntry() public {
        Entry[] memory list = entries();
        for (uint256 way = 0; way < 5; ++way) {
            for (uint256 i = 0; i < list.length; ++i) {
                uint256 before = vm.snapshotState();
                token.arm(list[i].target, list[i].data);
                enter(way);
                string memory name = string.concat(list[i].name, " by way ", vm.toString(way));
                if (list[i].guarded) {
                    assertFalse(token.succeeded(), name);
                    bytes memory refused = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
                    assertEq(token.answer(), refused, name);
                } else {
                    assertTrue(token.succeeded(), name);
                }
                assertEq(token.balanceOf(address(escrow)), owed(), name);
                vm.revertToState(before);
            }
        }
    }

    /// Each of them from outside, so that it was the guard that refused.
    function test_SET02_reentrancy_allEntriesPassFromOutside() public {
        Entry[] memory list = entries();
        for (uint256 i = 0; i < list.length; ++i) {
            uint256 before = vm.snapshotState();
            vm.prank(evil);
            (bool success,) = list[i].target.call(list[i].data);
            assertTrue(success, list[i].name);
            assertEq(token.balanceOf(address(escrow)), owed(), list[i].name);
            vm.revertToState(before);
        }
    }

    /// The ways in which a transfer comes about.
    function enter(uint256 way) private {
        Funding memory funding;
        funding.amount = AMOUNT;
        Holder buyer = personal(BUYER);
        if (way == 4) {
            vm.prank(evil);
            escrow.withdrawFromTeam(evilTeam, AMOUNT, STRANGER);
            return;
        }
        vm.startPrank(BUYER);
        if (way == 0) escrow.deposit(AMOUNT);
        if (way == 1) escrow.withdraw(AMOUNT, BUYER);
        if (way == 2) escrow.depositWith(BUYER, buyer, funding);
        if (way == 3) jobs.depositAndRequest(funding, smallRequest());
        vm.stopPrank();
    }

    /// Whoever reads a balance in the middle of a transfer never sees money that is not there.
    function test_SET02_reentrancy_viewsShowNoMoneyThatIsNotThere() public {
        uint128 available = escrow.balanceOf(personal(BUYER)).available;
        bytes memory view_ = abi.encodeCall(IEscrow.balanceOf, (personal(BUYER)));
        token.arm(address(escrow), view_);
        vm.prank(BUYER);
        escrow.deposit(AMOUNT);
        assertEq(abi.decode(token.answer(), (IEscrow.Balance)).available, available);

        token.arm(address(escrow), view_);
        vm.prank(BUYER);
        escrow.withdraw(AMOUNT, BUYER);
        assertEq(abi.decode(token.answer(), (IEscrow.Balance)).available, available);
    }
}
