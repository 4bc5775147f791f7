// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {Deploy} from "../../../script/deploy/Deploy.s.sol";
import {AccessControl} from "../../src/AccessControl.sol";
import {Challenge} from "../../src/Challenge.sol";
import {Escrow} from "../../src/Escrow.sol";
import {JobRegistry} from "../../src/JobRegistry.sol";
import {ProviderRegistry} from "../../src/ProviderRegistry.sol";
import {TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {MockUSDC} from "../../src/mocks/MockUSDC.sol";
// forge-std has an Account of its own.
import {Account as Holder, JobId, ListingId, ProviderId, TeamId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Routing, Terms} from "../../src/types/Job.sol";
import {Continent, Description, FormFactor, Hardware, ListingKind, Pricing, PricingModel} from "../../src/types/Listing.sol";

/// @title A deployed Necto with a few people in it, and the words that the tests are written in
abstract contract Base is Test {
    uint64 internal constant USD = 1e6;
    uint64 internal constant RATE = 2 * USD;
    uint64 internal constant FUNDS = 1_000_000 * USD;
    bytes16 internal constant H100 = "h100";

    address internal immutable ADMIN = makeAddr("admin");
    address internal immutable ROUTER = makeAddr("router");
    address internal immutable VERIFIER = makeAddr("verifier");
    address internal immutable ARBITER = makeAddr("arbiter");
    address internal immutable PAUSER = makeAddr("pauser");
    address internal immutable BUYER = makeAddr("buyer");
    address internal immutable TEAM_ADMIN = makeAddr("team admin");
    address internal immutable TEAM_USER = makeAddr("team user");
    address internal immutable TEAM_VIEWER = makeAddr("team viewer");
    address internal immutable OWNER = makeAddr("provider's owner");
    address internal immutable STRANGER = makeAddr("stranger");

    AccessControl internal access;
    ProviderRegistry internal providers;
    JobRegistry internal jobs;
    Escrow internal escrow;
    Challenge internal challenges;
    MockUSDC internal usdc;

    TeamId internal team;
    ProviderId internal provider;
    ListingId internal listing;

    /// What was agreed for each job so far, as a reader of the events would know it.
    mapping(JobId job => Terms) private _terms;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        deployAll(newToken());
        usdc = MockUSDC(escrow.USDC());

        team = newTeam();
        provider = newProvider(OWNER);
        listing = newListing(ListingKind.Own, fixedPricing(RATE));
        fund(BUYER);
        fund(TEAM_ADMIN);
        Holder teamAccount = escrow.accountOfTeam(team);
        vm.prank(TEAM_ADMIN);
        escrow.depositTo(teamAccount, FUNDS / 2);
        vm.prank(BUYER);
        escrow.deposit(FUNDS / 2);
        postBond(ROUTER, 1000 * USD);
        // In the first second of a budget's period nothing is given back to it.
        vm.warp(block.timestamp + 1);
    }

    /* PEOPLE */

    /// The token of the test's Necto; zero asks for a MockUSDC.
    function newToken() internal virtual returns (address) {
        return address(0);
    }

    /// Deploys by the code of the deployment script. `token` zero asks for a MockUSDC.
    function deployAll(address token) internal virtual {
        // The artifact that is shipped, not `new Deploy()`: tests may be compiled without the optimizer (profile `test` of foundry.toml).
        Deploy script = Deploy(vm.deployCode("contracts/out/Deploy.s.sol/Deploy.json"));
        Deploy.Settings memory settings = Deploy.Settings({
            adminDelay: 1 days, admin: ADMIN, router: ROUTER, verifier: VERIFIER, arbiter: ARBITER, pauser: PAUSER, usdc: token
        });
        Deploy.Deployment memory deployment = script.deploy(address(script), settings);
        script.check(deployment, settings);
        access = deployment.accessControl;
        providers = deployment.providerRegistry;
        jobs = deployment.jobRegistry;
        escrow = deployment.escrow;
        challenges = deployment.challenge;
    }

    /// Gives play money and lets the Escrow take it.
    function fund(address person) internal {
        usdc.mint(person, FUNDS);
        vm.prank(person);
        usdc.approve(address(escrow), type(uint256).max);
    }

    function postBond(address router, uint96 amount) internal {
        fund(router);
        vm.startPrank(router);
        escrow.deposit(amount);
        escrow.postBond(amount);
        vm.stopPrank();
    }

    function newTeam() internal returns (TeamId made) {
        vm.startPrank(TEAM_ADMIN);
        made = access.createTeam("Research");
        access.setMember(made, TEAM_USER, TeamRole.User);
        access.setMember(made, TEAM_VIEWER, TeamRole.Viewer);
        vm.stopPrank();
    }

    /// Builds the contract that is shipped: what a test says with `new` is compiled apart.
    function build(string memory name, bytes memory arguments, address where) internal {
        deployCodeTo(string.concat("contracts/out/", name, ".sol/", name, ".json"), arguments, where);
    }

    /* SUPPLY */

    function newProvider(address owner) internal returns (ProviderId) {
        vm.prank(owner);
        return providers.registerProvider("Rhine Compute", "https://rhine.example");
    }

    /// The provider to another owner.
    function handOver(address to) internal {
        vm.prank(OWNER);
        providers.offerProvider(provider, to);
        vm.prank(to);
        providers.acceptProvider(provider);
    }

    function newListing(ListingKind kind, Pricing memory pricing) internal returns (ListingId) {
        return newListing(kind, pricing, hardware());
    }

    function newListing(ListingKind kind, Pricing memory pricing, Hardware memory machine) internal returns (ListingId) {
        vm.prank(OWNER);
        return providers.addListing(provider, kind, machine, pricing, description(kind));
    }

    function hardware() internal pure returns (Hardware memory) {
        return Hardware({
            gpuModel: H100,
            memoryGiB: 80,
            formFactor: FormFactor.Sxm,
            total: 16,
            widest: 8,
            continent: Continent.Europe,
            country: "DE",
            availableFrom: 0,
            availableUntil: 0
        });
    }

    function description(ListingKind kind) internal pure returns (Description memory) {
        return Description({
            name: "H100 SXM",
            region: "Frankfurt",
            network: kind == ListingKind.Network ? "akash" : "",
            vcpus: 16,
            ramGiB: 128,
            diskGiB: 1000
        });
    }

    function fixedPricing(uint64 rate) internal pure returns (Pricing memory pricing) {
        pricing.rate = rate;
    }

    function bandPricing(PricingModel model, uint64 floor, uint64 ceiling) internal pure returns (Pricing memory pricing) {
        pricing.model = model;
        pricing.floor = floor;
        pricing.ceiling = ceiling;
        if (model == PricingModel.Token) {
            pricing.tokenAmount = 3_500_000;
            pricing.token = "AKT";
        }
    }

    /* DEMAND */

    /// Two H100 for ten hours at up to 3 USD: locks 60 USD.
    function aRequest() internal view returns (JobRequest memory) {
        return JobRequest({
            gpuModel: H100,
            minMemoryGiB: 80,
            formFactors: 0,
            gpuCount: 2,
            maxParts: 0,
            duration: 10 hours,
            maxPricePerGpuHour: 3 * USD,
            continents: 0,
            countries: 0,
            excludedPricing: 0,
            attestations: 0,
            uptimeWeight: 500,
            latencyWeight: 0,
            ratingWeight: 500,
            riskWeight: 0,
            routeDeadline: uint40(block.timestamp + 1 hours),
            startWindow: 15 minutes,
            specHash: keccak256("spec"),
            policyHash: 0,
            team: TeamId.wrap(0),
            tracked: true
        });
    }

    function aTeamRequest() internal view returns (JobRequest memory asked) {
        asked = aRequest();
        asked.team = team;
    }

    function aRouting() internal view returns (Routing memory) {
        return routingTo(listing, RATE);
    }

    function routingTo(ListingId to, uint64 price) internal view returns (Routing memory) {
        return Routing({
            listing: to,
            listingVersion: providers.getListing(to).version,
            pricePerGpuHour: price,
            candidatesRoot: keccak256("candidates"),
            recordRoot: keccak256("record root"),
            recordHash: keccak256("record")
        });
    }

    function request(address by, JobRequest memory asked) internal returns (JobId job) {
        vm.prank(by);
        job = jobs.request(asked);
        requested(job, by, asked);
    }

    function route(JobId job, JobRequest memory asked) internal {
        routeTo(job, asked, aRouting());
    }

    function routeTo(JobId job, JobRequest memory asked, Routing memory routing) internal {
        Terms memory terms = termsOf(job);
        vm.prank(ROUTER);
        jobs.route(job, terms, asked, routing);
        routed(job, asked, routing);
    }

    function start(JobId job) internal {
        Terms memory terms = termsOf(job);
        vm.prank(terms.provider);
        jobs.start(job, terms);
    }

    function complete(JobId job) internal {
        Terms memory terms = termsOf(job);
        vm.prank(terms.provider);
        jobs.complete(job, terms);
    }

    /// A job of `by` in the wanted status, with the clock moved on as little as that takes.
    function jobIn(JobStatus status, address by, JobRequest memory asked) internal returns (JobId job) {
        job = request(by, asked);
        Terms memory terms = termsOf(job);
        if (status == JobStatus.Requested) return job;
        if (status == JobStatus.Split) {
            uint16[] memory counts = new uint16[](2);
            (counts[0], counts[1]) = (1, asked.gpuCount - 1);
            vm.prank(ROUTER);
            jobs.split(job, terms, asked, counts);
            return job;
        }
        if (status == JobStatus.Cancelled) {
            vm.prank(by);
            jobs.cancel(job, terms);
            return job;
        }
        if (status == JobStatus.Expired) {
            vm.warp(asked.routeDeadline + 1);
            jobs.expire(job, terms);
            return job;
        }
        route(job, asked);
        if (status == JobStatus.Routed) return job;
        start(job);
        if (status == JobStatus.Running) return job;
        terms = termsOf(job);
        if (status == JobStatus.Disputed) {
            vm.prank(by);
            jobs.dispute(job, terms, keccak256("evidence"));
            return job;
        }
        vm.startPrank(OWNER);
        if (status == JobStatus.Failed) jobs.fail(job, terms);
        else jobs.complete(job, terms);
        vm.stopPrank();
    }

    /* WHAT IS AGREED: rebuilt here from what was asked and routed, never read back from the contract */

    function termsOf(JobId job) internal view returns (Terms memory) {
        return _terms[job];
    }

    /// Notes that `by` asked for a job at this moment.
    function requested(JobId job, address by, JobRequest memory asked) internal {
        Terms memory terms;
        terms.requester = by;
        terms.team = asked.team;
        terms.requestedAt = uint40(vm.getBlockTimestamp());
        terms.routeDeadline = asked.routeDeadline;
        terms.gpuCount = asked.gpuCount;
        terms.duration = asked.duration;
        terms.locked = jobs.lockFor(asked);
        terms.requestHash = keccak256(abi.encode(asked));
        _terms[job] = terms;
    }

    /// Notes that ROUTER routed a job at this moment.
    function routed(JobId job, JobRequest memory asked, Routing memory routing) internal {
        address owner = providers.getProvider(providers.getListing(routing.listing).provider).owner;
        (uint16 fee,) = jobs.currentFee();
        Terms storage terms = _terms[job];
        terms.provider = owner;
        terms.listing = routing.listing;
        terms.pricePerGpuHour = routing.pricePerGpuHour;
        terms.fee = fee;
        terms.router = ROUTER;
        terms.routedAt = uint40(vm.getBlockTimestamp());
        terms.commitment = jobs.commitmentOf(job, keccak256(abi.encode(asked)), owner, routing);
    }

    /// Notes that a job lost its place.
    function reopened(JobId job) internal {
        Terms storage terms = _terms[job];
        terms.provider = address(0);
        terms.listing = ListingId.wrap(0);
        terms.pricePerGpuHour = 0;
        terms.fee = 0;
        terms.router = address(0);
        terms.routedAt = 0;
        terms.commitment = 0;
    }

    /// Notes what an extension agreed.
    function extended(JobId job, uint32 duration, uint64 locked) internal {
        _terms[job].duration = duration;
        _terms[job].locked = locked;
    }

    /// Notes that `part` is one of the jobs that `whole` was split into.
    function parted(JobId whole, JobId part, JobRequest memory asked) internal {
        Terms memory terms = _terms[whole];
        terms.gpuCount = asked.gpuCount;
        terms.locked = jobs.lockFor(asked);
        terms.requestHash = keccak256(abi.encode(asked));
        _terms[part] = terms;
    }

    /* READING */

    function statusOf(JobId job) internal view returns (JobStatus) {
        return jobs.getJob(job).status;
    }

    function personal(address person) internal pure returns (Holder) {
        return Holder.wrap(uint160(person));
    }

    function availableOf(Holder account) internal view returns (uint256) {
        return escrow.balanceOf(account).available;
    }

    function lockedOf(Holder account) internal view returns (uint256) {
        return escrow.balanceOf(account).locked;
    }

    function reservedOf(ListingId of_) internal view returns (uint16) {
        return providers.getListing(of_).reserved;
    }
}
