// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Account as Holder, ListingId} from "../../src/types/Ids.sol";
import {ListingKind, PricingModel} from "../../src/types/Listing.sol";
import {Base} from "../utils/Base.sol";
import {Buyers} from "./Buyers.sol";
import {Handler} from "./Handler.sol";
import {MoodyToken} from "./MoodyToken.sol";
import {Sellers} from "./Sellers.sol";

/// @title A Necto on a moody token, with a handler, and a walk of pseudo-random steps for tests that need one without the fuzzer
abstract contract Stage is Base {
    Handler internal handler;
    address internal immutable DELEGATE = makeAddr("delegate");
    address internal immutable CHALLENGER = makeAddr("challenger");
    address internal immutable TREASURY = makeAddr("treasury");

    function setUp() public virtual override {
        super.setUp();
        buildStage();
    }

    function newToken() internal override returns (address) {
        return address(new MoodyToken());
    }

    function buildStage() internal {
        handler = new Handler();
        address[] memory people = new address[](9);
        (people[0], people[1], people[2], people[3], people[4]) = (TEAM_ADMIN, TEAM_USER, BUYER, STRANGER, OWNER);
        (people[5], people[6], people[7], people[8]) = (DELEGATE, CHALLENGER, TREASURY, ROUTER);
        address[] memory platform = new address[](4);
        (platform[0], platform[1], platform[2], platform[3]) = (ADMIN, PAUSER, ARBITER, VERIFIER);
        ListingId[] memory listings = new ListingId[](3);
        listings[0] = listing;
        listings[1] = newListing(ListingKind.Own, bandPricing(PricingModel.Dynamic, USD, 3 * USD));
        listings[2] = newListing(ListingKind.Network, bandPricing(PricingModel.Token, USD, 3 * USD));
        vm.prank(OWNER);
        providers.setDelegate(provider, DELEGATE, true);
        address[] memory contracts = new address[](5);
        contracts[0] = address(access);
        contracts[1] = address(providers);
        contracts[2] = address(jobs);
        contracts[3] = address(escrow);
        contracts[4] = address(challenges);
        handler.setWorld(contracts, team, provider, people, platform, listings);
    }

    function steps() internal pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](29);
        selectors[0] = Buyers.deposit.selector;
        selectors[1] = Buyers.withdraw.selector;
        selectors[2] = Buyers.withdrawFromTeam.selector;
        selectors[3] = Buyers.donate.selector;
        selectors[4] = Buyers.setMood.selector;
        selectors[5] = Buyers.request.selector;
        selectors[6] = Buyers.cancel.selector;
        selectors[7] = Buyers.extend.selector;
        selectors[8] = Buyers.dispute.selector;
        selectors[9] = Buyers.setBudgets.selector;
        selectors[10] = Buyers.grant.selector;
        selectors[11] = Buyers.revoke.selector;
        selectors[12] = Sellers.route.selector;
        selectors[13] = Sellers.split.selector;
        selectors[14] = Sellers.start.selector;
        selectors[15] = Sellers.decline.selector;
        selectors[16] = Sellers.complete.selector;
        selectors[17] = Sellers.fail.selector;
        selectors[18] = Sellers.setPricing.selector;
        selectors[19] = Sellers.setTiers.selector;
        selectors[20] = Sellers.setCapacity.selector;
        selectors[21] = Handler.wait_.selector;
        selectors[22] = Handler.expire.selector;
        selectors[23] = Handler.administer.selector;
        selectors[24] = Handler.bond.selector;
        selectors[25] = Handler.rule.selector;
        selectors[26] = Handler.challenge.selector;
        selectors[27] = Handler.trespass.selector;
        selectors[28] = Handler.abuseAgent.selector;
    }

    /// Weighted towards a job's life, so that a short walk sees all of it.
    function walk(uint256 length) public {
        vm.pauseGasMetering();
        for (uint256 seed = 0; seed < length; ++seed) {
            uint256 a = uint256(keccak256(abi.encode(seed)));
            // A buyer with nothing in it reaches no end.
            if (seed % 10 == 0) handler.deposit(a >> 3, 1e12, a % 2 == 0);
            if (seed % 10 == 5) {
                // Without a router, a bond and open doors nothing happens.
                handler.administer(5, 1, 0);
                handler.administer(7, 0, 0);
                handler.deposit(8, 1e9, false);
                handler.bond(0, 1e8);
                handler.bond(4, 0);
            }
            if (seed % 15 == 0) handler.grant(1e11, 1e11, 0, 10 days, a % 2 == 0);
            handler.request(a >> 8, a >> 16, uint64(a >> 32), a % 3 == 0, seed % 5 == 0);
            handler.route(a >> 40, a >> 48, uint64(a >> 56), a % 6 == 0, a % 4 != 0);
            if (seed % 40 == 3) {
                // Four GPUs in up to three parts, split in two at once.
                handler.request(2, 4, 2_000_000, false, false);
                handler.split(jobs.jobCount() - 1, 2);
            }
            if (seed % 5 == 0) {
                handler.wait_(1800);
                for (uint256 i = 0; i < 5; ++i) {
                    handler.route((a >> 40) + i, i, uint64(a >> 56), true, true);
                    handler.trespass(3, a + i, 0);
                }
            }
            if (seed % 12 == 11) handler.decline(a);
            if (a % 3 != 0) handler.start(a, a % 8 == 1);
            if (a % 5 == 1) handler.withdraw(a >> 16, a >> 24);
            if (a % 3 == 1) handler.trespass(a % 2 == 0 ? 3 : a >> 16, a >> 24, uint64(a));
            if (a % 3 == 2) handler.expire(a >> 16, a % 2 == 0, a >> 24);
            if (a % 5 == 2) handler.extend(a >> 16, uint32(a));
            if (seed % 4 == 1) handler.complete(a >> 16, a >> 24, seed % 8 == 5);
            if (seed % 4 == 3) handler.dispute(a >> 16);
            if (seed % 4 == 2) handler.fail(a >> 16, seed % 8 == 6);
            if (a % 5 == 0) handler.rule(a >> 16, uint64(a), a % 3 == 0);
            handler.challenge(a >> 16, seed);
            bytes4 selector = steps()[a % 29];
            (bool success, bytes memory reason) =
                address(handler).call(abi.encodePacked(selector, a >> 64 & 0xffffffff, a >> 72 & 1, a >> 80 & 1, a >> 88 & 1, a >> 96 & 1));
            if (!success) {
                assembly ("memory-safe") {
                    revert(add(reason, 32), mload(reason))
                }
            }
        }
    }

    /// 7: anybody's calls empty every lock, and then everybody gets out what is theirs.
    function end() public {
        handler.rescueAll();
        for (uint256 i = 0; i < handler.accountsLength(); ++i) {
            require(lockedOf(handler.accounts(i)) == 0, "7: still locked");
        }
        MoodyToken(address(usdc)).setMood(MoodyToken.Mood.Good);
        for (uint256 i = 0; i < handler.accountsLength() - 1; ++i) {
            address person = handler.people(i);
            Holder account = handler.accounts(i);
            MoodyToken(address(usdc)).setBlocked(person, false);
            uint256 amount = availableOf(account);
            if (amount == 0) continue;
            vm.prank(person);
            escrow.withdraw(amount, person);
        }
    }
}
