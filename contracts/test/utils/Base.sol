// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {Deploy} from "../../../script/deploy/Deploy.s.sol";
import {AccessControl} from "../../src/AccessControl.sol";
import {Escrow} from "../../src/Escrow.sol";
import {JobRegistry} from "../../src/JobRegistry.sol";
import {ProviderRegistry} from "../../src/ProviderRegistry.sol";
import {TeamRole} from "../../src/interfaces/IAccessControl.sol";
import {MockUSDC} from "../../src/mocks/MockUSDC.sol";
// forge-std has an Account of its own.
import {Account as Holder, JobId, ListingId, ProviderId, TeamId} from "../../src/types/Ids.sol";
import {Job, JobRequest, JobStatus, Routing} from "../../src/types/Job.sol";
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
    MockUSDC internal usdc;

    TeamId internal team;
    ProviderId internal provider;
    ListingId internal listing;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        deployAll(address(0));
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
    }

    /* PEOPLE */

    /// Deploys by the code of the deployment script. `token` zero asks for a MockUSDC.
    function deployAll(address token) internal {
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
    }

    /// Gives play money and lets the Escrow take it.
    function fund(address person) internal {
        usdc.mint(person, FUNDS);
        vm.prank(person);
        usdc.approve(address(escrow), type(uint256).max);
    }

    function newTeam() internal returns (TeamId made) {
        vm.startPrank(TEAM_ADMIN);
        made = access.createTeam("Research");
        access.setMember(made, TEAM_USER, TeamRole.User);
        access.setMember(made, TEAM_VIEWER, TeamRole.Viewer);
        vm.stopPrank();
    }

    /* SUPPLY */

    function newProvider(address owner) internal returns (ProviderId) {
        vm.prank(owner);
        return providers.registerProvider("Rhine Compute", "https://rhine.example");
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
            duration: 10 hours,
            maxPricePerGpuHour: 3 * USD,
            continents: 0,
            countries: 0,
            excludedPricing: 0,
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

    function request(address by, JobRequest memory asked) internal returns (JobId) {
        vm.prank(by);
        return jobs.request(asked);
    }

    function route(JobId job, JobRequest memory asked) internal {
        Routing memory routing = aRouting();
        vm.prank(ROUTER);
        jobs.route(job, asked, routing);
    }

    /// A job of `by` in the wanted status, with the clock moved on as little as that takes.
    function jobIn(JobStatus status, address by, JobRequest memory asked) internal returns (JobId job) {
        job = request(by, asked);
        if (status == JobStatus.Requested) return job;
        if (status == JobStatus.Cancelled) {
            vm.prank(by);
            jobs.cancel(job);
            return job;
        }
        if (status == JobStatus.Expired) {
            vm.warp(asked.routeDeadline + 1);
            jobs.expire(job);
            return job;
        }
        route(job, asked);
        if (status == JobStatus.Routed) return job;
        vm.startPrank(OWNER);
        if (status == JobStatus.Failed) {
            jobs.fail(job);
        } else {
            jobs.start(job);
            if (status == JobStatus.Settled) jobs.complete(job);
        }
        vm.stopPrank();
    }

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
