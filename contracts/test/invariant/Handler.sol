// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {StdUtils} from "forge-std/StdUtils.sol";
import {Vm} from "forge-std/Vm.sol";

import {AccessControl} from "../../src/AccessControl.sol";
import {Escrow} from "../../src/Escrow.sol";
import {JobRegistry} from "../../src/JobRegistry.sol";
import {ProviderRegistry} from "../../src/ProviderRegistry.sol";
import {TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {MockUSDC} from "../../src/mocks/MockUSDC.sol";
import {Account, JobId, ListingId, TeamId} from "../../src/types/Ids.sol";
import {Job, JobRequest, JobStatus, Routing} from "../../src/types/Job.sol";
import {Listing, ListingKind, Pricing, PricingModel} from "../../src/types/Listing.sol";

/// @title What the fuzzer may do, and what it remembers of it
/// @notice Each step is bounded so that it succeeds when the rules allow it; `chaos` does anything as anyone and may fail.
/// After each step the ghost store is compared with the chain in `observe`, which reverts on a forbidden change.
contract Handler is StdUtils {
    error ForbiddenChange(JobId job, JobStatus from, JobStatus to);
    error CommitmentChanged(JobId job);

    /// What is remembered of a job.
    struct Ghost {
        JobRequest asked;
        JobStatus status;
        uint64 locked;
        /// What the Escrow said at the end.
        uint64 paid;
        uint64 refunded;
        bytes32 commitment;
    }

    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    AccessControl public access;
    ProviderRegistry public providers;
    JobRegistry public jobs;
    Escrow public escrow;
    MockUSDC public usdc;
    TeamId public team;
    ListingId[] public listings;
    address[] public people;
    Account[] public accounts;
    address public router;
    address public pauser;
    address public owner;

    mapping(uint64 job => Ghost) private ghosts;
    uint256 public deposited;
    uint256 public withdrawn;
    uint256 public donated;
    /// How often a step did its work: a run in which nothing happens proves nothing.
    mapping(bytes32 step => uint256) public calls;

    constructor(AccessControl access_, ProviderRegistry providers_, JobRegistry jobs_, Escrow escrow_, TeamId team_) {
        (access, providers, jobs, escrow, team) = (access_, providers_, jobs_, escrow_, team_);
        usdc = MockUSDC(escrow_.USDC());
    }

    /// @param people_ buyers first; the last one is the providers' owner
    function setPeople(address[] calldata people_, ListingId[] calldata listings_, address router_, address pauser_) external {
        (people, listings, router, pauser) = (people_, listings_, router_, pauser_);
        owner = people_[people_.length - 1];
        for (uint256 i = 0; i < people_.length; ++i) {
            accounts.push(escrow.accountOf(people_[i]));
        }
        accounts.push(escrow.accountOfTeam(team));
        deposited = usdc.balanceOf(address(escrow));
    }

    modifier step(bytes32 name) {
        _;
        ++calls[name];
        observe();
    }

    /* MONEY */

    function deposit(uint256 who, uint256 amount, bool forTeam) external step("deposit") {
        address person = pick(who);
        amount = bound(amount, 1, 1e12);
        usdc.mint(person, amount);
        VM.startPrank(person);
        usdc.approve(address(escrow), amount);
        if (forTeam) escrow.depositTo(accounts[accounts.length - 1], amount);
        else escrow.deposit(amount);
        VM.stopPrank();
        deposited += amount;
    }

    function withdraw(uint256 who, uint256 amount) external step("withdraw") {
        address person = pick(who);
        uint256 available = escrow.balanceOf(escrow.accountOf(person)).available;
        if (available == 0) return;
        amount = bound(amount, 1, available);
        VM.prank(person);
        escrow.withdraw(amount, person);
        withdrawn += amount;
    }

    function withdrawFromTeam(uint256 amount) external step("withdrawFromTeam") {
        uint256 available = escrow.balanceOf(accounts[accounts.length - 1]).available;
        if (available == 0) return;
        amount = bound(amount, 1, available);
        VM.prank(people[0]);
        escrow.withdrawFromTeam(team, amount, people[0]);
        withdrawn += amount;
    }

    function donate(uint256 amount) external step("donate") {
        amount = bound(amount, 1, 1e9);
        usdc.mint(address(escrow), amount);
        donated += amount;
    }

    /* JOBS */

    function request(uint256 who, uint16 count, uint32 duration, uint64 price, bool forTeam, bool tracked) external step("request") {
        // person 0 is the team's Admin, person 1 its User.
        address person = forTeam ? people[who % 2] : pick(who);
        JobRequest memory asked;
        asked.gpuModel = "h100";
        asked.gpuCount = uint16(bound(count, 1, 4));
        asked.duration = uint32(bound(duration, 60, 3 days));
        asked.maxPricePerGpuHour = uint64(bound(price, 1_500_000, 5_000_000));
        asked.routeDeadline = uint40(VM.getBlockTimestamp() + bound(price, 1, 1 days));
        asked.startWindow = uint32(bound(duration, 60, 1 days));
        asked.tracked = forTeam || tracked;
        if (forTeam) asked.team = team;

        uint64 locked = jobs.lockFor(asked);
        Account payer = forTeam ? accounts[accounts.length - 1] : escrow.accountOf(person);
        if (access.paused() || escrow.balanceOf(payer).available < locked) return;
        VM.prank(person);
        JobId job = jobs.request(asked);
        Ghost storage ghost = ghosts[JobId.unwrap(job)];
        ghost.asked = asked;
        ghost.locked = locked;
        ghost.status = JobStatus.Requested;
        ghost.commitment = jobs.hashRequest(asked);
        ++calls["requested"];
    }

    function route(uint256 which, uint256 where, uint64 price) external step("route") {
        (JobId job, bool found) = pickJob(which, JobStatus.Requested);
        if (!found || access.paused() || VM.getBlockTimestamp() > jobs.getJob(job).time) return;
        ListingId id = listings[where % listings.length];
        Listing memory listing = providers.getListing(id);
        JobRequest memory asked = ghosts[JobId.unwrap(job)].asked;
        if (listing.offline || asked.gpuCount > listing.total - listing.reserved || asked.gpuCount > listing.widest) return;
        uint64 rate = providers.currentRate(id);
        if (listing.model == PricingModel.Token) rate = uint64(bound(price, listing.floor, listing.ceiling));
        if (rate > asked.maxPricePerGpuHour) return;

        Routing memory routing = Routing(id, listing.version, rate, keccak256("c"), keccak256("r"), keccak256("h"));
        bytes32 commitment = jobs.commitmentOf(job, jobs.hashRequest(asked), owner, routing);
        VM.prank(router);
        jobs.route(job, asked, routing);
        ghosts[JobId.unwrap(job)].commitment = commitment;
        ++calls["routed"];
    }

    function start(uint256 which) external step("start") {
        (JobId job, bool found) = pickJob(which, JobStatus.Routed);
        if (!found || VM.getBlockTimestamp() > jobs.getJob(job).time) return;
        VM.prank(owner);
        jobs.start(job);
        ++calls["started"];
    }

    function complete(uint256 which, bool byRequester) external step("complete") {
        (JobId job, bool found) = pickJob(which, JobStatus.Running);
        if (!found) return;
        VM.prank(byRequester ? jobs.getJob(job).requester : owner);
        jobs.complete(job);
        ++calls["completed"];
    }

    function fail(uint256 which, bool running) external step("fail") {
        (JobId job, bool found) = pickJob(which, running ? JobStatus.Running : JobStatus.Routed);
        if (!found) return;
        VM.prank(owner);
        jobs.fail(job);
        ++calls["failed"];
    }

    function cancel(uint256 which, bool routed) external step("cancel") {
        (JobId job, bool found) = pickJob(which, routed ? JobStatus.Routed : JobStatus.Requested);
        if (!found) return;
        VM.prank(jobs.getJob(job).requester);
        jobs.cancel(job);
        ++calls["cancelled"];
    }

    function expire(uint256 which, bool routed, uint256 by) external step("expire") {
        (JobId job, bool found) = pickJob(which, routed ? JobStatus.Routed : JobStatus.Requested);
        if (!found || VM.getBlockTimestamp() <= jobs.getJob(job).time) return;
        VM.prank(pick(by));
        jobs.expire(job);
        ++calls["expired"];
    }

    /* THE WORLD */

    function wait_(uint256 time) external step("wait") {
        VM.warp(VM.getBlockTimestamp() + bound(time, 1, 12 hours));
    }

    function setPricing(uint256 which, uint64 rate) external step("setPricing") {
        ListingId id = listings[which % listings.length];
        rate = uint64(bound(rate, 1_000_000, 4_000_000));
        PricingModel model = providers.getListing(id).model;
        Pricing memory pricing;
        pricing.model = model;
        if (model == PricingModel.Fixed) pricing.rate = rate;
        else (pricing.floor, pricing.ceiling) = (rate, rate + 1_000_000);
        if (model == PricingModel.Token) (pricing.tokenAmount, pricing.token) = (1, "AKT");
        VM.prank(owner);
        providers.setPricing(id, pricing);
    }

    function setCapacity(uint256 which, uint16 total, bool offline) external step("setCapacity") {
        ListingId id = listings[which % listings.length];
        uint16 reserved = providers.getListing(id).reserved;
        total = uint16(bound(total, reserved > 0 ? reserved : 1, 32));
        VM.prank(owner);
        providers.setCapacity(id, total, offline && total % 4 == 0);
    }

    function pause(bool on) external step("pause") {
        VM.prank(pauser);
        if (on) access.pause();
        else access.unpause();
    }

    /// Anything, by anyone, about anything: most of it has to fail, and none of it may break what is checked.
    function chaos(uint256 what, uint256 which, uint256 who, uint64 amount) external step("chaos") {
        JobId job = JobId.wrap(uint64(which % (uint256(jobs.jobCount()) + 2)));
        ListingId id = listings[which % listings.length];
        bytes[13] memory data = [
            abi.encodeCall(jobs.start, (job)),
            abi.encodeCall(jobs.complete, (job)),
            abi.encodeCall(jobs.fail, (job)),
            abi.encodeCall(jobs.cancel, (job)),
            abi.encodeCall(jobs.expire, (job)),
            abi.encodeCall(jobs.route, (job, ghosts[JobId.unwrap(job)].asked, Routing(id, 1, amount, "c", "r", "h"))),
            abi.encodeCall(escrow.release, (job, accounts[which % accounts.length], amount)),
            abi.encodeCall(escrow.lock, (job, accounts[which % accounts.length], amount)),
            abi.encodeCall(escrow.withdraw, (uint256(amount) << 64, address(this))),
            abi.encodeCall(providers.release, (id, 1)),
            abi.encodeCall(providers.setCapacity, (id, 0, false)),
            abi.encodeCall(access.grantRole, (access.ROUTER_ROLE(), pick(who))),
            abi.encodeCall(access.setMember, (team, address(this), TeamRole.Admin))
        ];
        what = what % data.length;
        address target = what < 6 ? address(jobs) : what < 9 ? address(escrow) : what < 11 ? address(providers) : address(access);
        // Person 0 is the team's Admin and may change it: not what is tried here.
        address caller = what == 12 ? owner : pick(who);
        VM.prank(caller);
        // Whether it passes is not asked: what may pass is in the matrix test, what it may change is in `observe`.
        (bool success,) = target.call(data[what]);
        ++calls[success ? bytes32("chaos passed") : bytes32("chaos failed")];
    }

    /// After all deadlines anybody empties every lock.
    function rescueAll() external {
        VM.warp(VM.getBlockTimestamp() + 365 days);
        for (uint64 i = 1; i <= jobs.jobCount(); ++i) {
            JobStatus status = jobs.getJob(JobId.wrap(i)).status;
            VM.prank(address(0xBEEF));
            if (status == JobStatus.Running) jobs.complete(JobId.wrap(i));
            else if (status == JobStatus.Requested || status == JobStatus.Routed) jobs.expire(JobId.wrap(i));
        }
        observe();
    }

    /* WHAT IS REMEMBERED */

    function ghostOf(uint64 job) external view returns (Ghost memory) {
        return ghosts[job];
    }

    function accountsLength() external view returns (uint256) {
        return accounts.length;
    }

    function listingsLength() external view returns (uint256) {
        return listings.length;
    }

    /// Follows every job's status along the allowed edges and keeps what its end paid.
    function observe() private {
        for (uint64 i = 1; i <= jobs.jobCount(); ++i) {
            JobId id = JobId.wrap(i);
            Job memory job = jobs.getJob(id);
            Ghost storage ghost = ghosts[i];
            if (job.commitment != ghost.commitment) revert CommitmentChanged(id);
            if (job.status == ghost.status) continue;
            if (!isEdge(ghost.status, job.status)) revert ForbiddenChange(id, ghost.status, job.status);
            // A final job's time is when it ended; a Running one's is when it started.
            if (job.status == JobStatus.Settled) {
                uint256 ran = job.time - startedAt[i];
                if (ran > job.duration) ran = job.duration;
                ghost.paid = uint64(uint256(job.pricePerGpuHour) * job.gpuCount * ran / 3600);
                ghost.refunded = ghost.locked - ghost.paid;
            } else if (job.status > JobStatus.Settled) {
                ghost.refunded = ghost.locked;
            } else if (job.status == JobStatus.Running) {
                startedAt[i] = job.time;
            }
            ghost.status = job.status;
        }
    }

    mapping(uint64 job => uint40) private startedAt;

    function isEdge(JobStatus from, JobStatus to) private pure returns (bool) {
        if (from == JobStatus.Requested) return to == JobStatus.Routed || to == JobStatus.Cancelled || to == JobStatus.Expired;
        if (from == JobStatus.Routed) {
            return to == JobStatus.Running || to == JobStatus.Cancelled || to == JobStatus.Expired || to == JobStatus.Failed;
        }
        if (from == JobStatus.Running) return to == JobStatus.Settled || to == JobStatus.Failed;
        return false;
    }

    function pick(uint256 who) private view returns (address) {
        return people[who % people.length];
    }

    /// The first job in `status` from a random one on.
    function pickJob(uint256 which, JobStatus status) private view returns (JobId, bool) {
        uint64 count = jobs.jobCount();
        for (uint64 i = 0; i < count; ++i) {
            JobId job = JobId.wrap(uint64((which % count + i) % count) + 1);
            if (jobs.getJob(job).status == status) return (job, true);
        }
        return (JobId.wrap(0), false);
    }
}
