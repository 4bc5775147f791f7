// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControl} from "../../src/AccessControl.sol";
import {Challenge} from "../../src/Challenge.sol";
import {Escrow} from "../../src/Escrow.sol";
import {JobRegistry} from "../../src/JobRegistry.sol";
import {ProviderRegistry} from "../../src/ProviderRegistry.sol";
import {
    AbsentMindedJobs,
    DeadEndJobs,
    DearProviders,
    ForgetfulEscrow,
    GenerousEscrow,
    LavishBudgets,
    LeakyProviders,
    OpenJobs,
    RunawayMeter,
    StingyEscrow,
    UndeadJobs
} from "./Doubles.sol";
import {Stage} from "./Stage.sol";

/// @title Each invariant is shown to bite: a contract with one bug is caught by the invariant of its number
/// @notice A walk over the same steps that the campaigns choose from; without a bug it ends well (`test_handler_reachesEveryEnd`).
/// forge-config: default.isolate = false
contract BitesTest is Stage {
    enum Bug {
        None,
        ForgetfulEscrow,
        StingyEscrow,
        GenerousEscrow,
        UndeadJobs,
        DearProviders,
        RunawayMeter,
        DeadEndJobs,
        LeakyProviders,
        LavishBudgets,
        AbsentMindedJobs,
        OpenJobs
    }

    uint256 private constant STEPS = 120;

    Bug private bug;

    function setUp() public override {}

    function test_bites_1_solvency() public {
        bites(Bug.ForgetfulEscrow);
    }

    function test_bites_2_locks() public {
        bites(Bug.StingyEscrow);
    }

    function test_bites_3_conservation() public {
        bites(Bug.GenerousEscrow);
    }

    function test_bites_4_final() public {
        bites(Bug.UndeadJobs);
    }

    function test_bites_5_price() public {
        bites(Bug.DearProviders);
    }

    function test_bites_6_meter() public {
        bites(Bug.RunawayMeter);
    }

    function test_bites_7_waysOut() public {
        bites(Bug.DeadEndJobs);
    }

    function test_bites_8_capacity() public {
        bites(Bug.LeakyProviders);
    }

    function test_bites_9_budgets() public {
        bites(Bug.LavishBudgets);
    }

    function test_bites_10_terms() public {
        bites(Bug.AbsentMindedJobs);
    }

    function test_bites_11_powers() public {
        bites(Bug.OpenJobs);
    }

    /// The walk on a Necto with the bug fails with the number of the invariant, which is the bug's own.
    function bites(Bug bug_) private {
        bug = bug_;
        super.setUp();
        handler.administer(4, 0, 500);
        string memory number = string.concat(vm.toString(uint256(bug_)), ":");
        try this.walk(STEPS) {
            revert("nothing was found");
        } catch Error(string memory reason) {
            assertEq(vm.indexOf(reason, number), 0, reason);
        }
    }

    function deployAll(address token) internal override {
        uint64 nonce = vm.getNonce(address(this));
        address providers_ = vm.computeCreateAddress(address(this), nonce + 1);
        address jobs_ = vm.computeCreateAddress(address(this), nonce + 2);
        address escrow_ = vm.computeCreateAddress(address(this), nonce + 3);
        address challenge_ = vm.computeCreateAddress(address(this), nonce + 4);
        access = bug == Bug.LavishBudgets
            ? new LavishBudgets(jobs_, ADMIN, ROUTER, VERIFIER, ARBITER, PAUSER)
            : new AccessControl(jobs_, 1 days, ADMIN, ROUTER, VERIFIER, ARBITER, PAUSER);
        address access_ = address(access);
        if (bug == Bug.DearProviders) providers = new DearProviders(jobs_, access_);
        else if (bug == Bug.LeakyProviders) providers = new LeakyProviders(jobs_, access_);
        else providers = new ProviderRegistry(jobs_, access_);
        if (bug == Bug.UndeadJobs) jobs = new UndeadJobs(escrow_, providers_, access_, challenge_);
        else if (bug == Bug.RunawayMeter) jobs = new RunawayMeter(escrow_, providers_, access_, challenge_);
        else if (bug == Bug.DeadEndJobs) jobs = new DeadEndJobs(escrow_, providers_, access_, challenge_);
        else if (bug == Bug.AbsentMindedJobs) jobs = new AbsentMindedJobs(escrow_, providers_, access_, challenge_);
        else if (bug == Bug.OpenJobs) jobs = new OpenJobs(escrow_, providers_, access_, challenge_);
        else jobs = new JobRegistry(escrow_, providers_, access_, challenge_);
        if (bug == Bug.ForgetfulEscrow) escrow = new ForgetfulEscrow(token, jobs_, access_, challenge_);
        else if (bug == Bug.StingyEscrow) escrow = new StingyEscrow(token, jobs_, access_, challenge_);
        else if (bug == Bug.GenerousEscrow) escrow = new GenerousEscrow(token, jobs_, access_, challenge_);
        else escrow = new Escrow(token, jobs_, access_, challenge_);
        challenges = new Challenge(jobs_, providers_, escrow_);
    }
}
