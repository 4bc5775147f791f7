// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {JobId} from "../../src/types/Ids.sol";
import {JobRequest, Routing, Terms} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title What a job's life costs in gas, as receipts would say
/// @notice Each call is a transaction of its own (`isolate` in foundry.toml): 21,000, calldata, cold slots and refunds are in the figures.
/// Measured on the second job, when balances and counters are no longer zero.
///
/// The figures are in `contracts/snapshots/lifecycle.json`. `forge test` fails when one differs (`gas_snapshot_check` in foundry.toml).
/// To accept new ones: `npm run snapshot --workspace contracts`, then look at the difference and commit it.
contract LifecycleGasTest is Base {
    uint256 private total;

    function setUp() public override {
        super.setUp();
        run(BUYER, aRequest());
        run(TEAM_USER, aTeamRequest());
    }

    function test_gas_personalUntracked() public {
        JobRequest memory asked = aRequest();
        asked.tracked = false;
        measure("personal", BUYER, asked);
    }

    function test_gas_team() public {
        measure("team", TEAM_USER, aTeamRequest());
    }

    function test_gas_waysOut() public {
        JobId job = request(BUYER, aRequest());
        Terms memory terms = termsOf(job);
        vm.prank(BUYER);
        jobs.cancel(job, terms);
        vm.snapshotGasLastCall("lifecycle", "cancel_requested");

        job = request(BUYER, aRequest());
        route(job, aRequest());
        terms = termsOf(job);
        vm.warp(block.timestamp + 1 days);
        jobs.expire(job, terms);
        vm.snapshotGasLastCall("lifecycle", "expire_routed");
    }

    function test_gas_money() public {
        vm.prank(BUYER);
        escrow.deposit(USD);
        vm.snapshotGasLastCall("lifecycle", "deposit");

        vm.prank(BUYER);
        escrow.withdraw(USD, BUYER);
        vm.snapshotGasLastCall("lifecycle", "withdraw");
    }

    function measure(string memory who, address by, JobRequest memory asked) private {
        vm.prank(by);
        JobId job = jobs.request(asked);
        note(who, "request");
        requested(job, by, asked);

        Routing memory routing = aRouting();
        Terms memory terms = termsOf(job);
        vm.prank(ROUTER);
        jobs.route(job, terms, asked, routing);
        note(who, "route");
        routed(job, asked, routing);

        terms = termsOf(job);
        vm.prank(OWNER);
        jobs.start(job, terms);
        note(who, "start");

        vm.warp(block.timestamp + 150 minutes);
        vm.prank(OWNER);
        jobs.complete(job, terms);
        note(who, "complete");

        vm.snapshotValue("lifecycle", string.concat(who, "_total"), total);
    }

    function note(string memory who, string memory step) private {
        total += vm.snapshotGasLastCall("lifecycle", string.concat(who, "_", step));
    }

    /// A job from request to a settlement after a quarter of its time.
    function run(address by, JobRequest memory asked) private {
        JobId job = request(by, asked);
        route(job, asked);
        start(job);
        vm.warp(block.timestamp + 150 minutes);
        complete(job);
    }
}
