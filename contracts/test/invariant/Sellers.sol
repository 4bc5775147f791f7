// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Candidate} from "../../src/types/Candidate.sol";
import {JobId, ListingId} from "../../src/types/Ids.sol";
import {JobRequest, JobStatus, Routing, Terms} from "../../src/types/Job.sol";
import {Listing, ListingKind, Pricing, PricingModel, Tier} from "../../src/types/Listing.sol";
import {Buyers} from "./Buyers.sol";

/// @title What the router and the providers do, honest or not: the router picks anything that the contract lets pass
abstract contract Sellers is Buyers {
    /* ROUTER */

    /// Routes whatever it likes, or tries to. What passes has to be inside every limit; what is inside has to pass.
    function route(uint256 which, uint256 where, uint64 price, bool again, bool honest) external step("route") {
        (JobId job, bool found) = again ? pickMissed(which) : pickJob(which, JobStatus.Requested);
        if (!found) return;
        Ghost storage ghost = ghosts[JobId.unwrap(job)];
        Routing memory routing = guess(which, where, price, honest);
        (Candidate memory chosen, Candidate memory other) = leaves(routing, where);
        routing.candidatesRoot = rootOf(chosen, other);

        bool mayPass = mayRoute(ghost, routing);
        VM.prank(router);
        (bool success,) = address(jobs).call(abi.encodeCall(jobs.route, (job, ghost.terms, ghost.asked, routing)));
        require(success == mayPass, "5: a routing outside the limits, or none inside them");
        if (!success) return;
        require(routing.pricePerGpuHour <= ghost.asked.maxPricePerGpuHour, "5: price");
        if (again) {
            noteReopened(ghost);
            ++calls["failed over"];
        }
        noteRouted(job, ghost, routing);
        (ghost.chosen, ghost.other) = (chosen, other);
        ++calls["routed"];
    }

    /// A routed job that was not started in time and may still be routed, or any routed one.
    function pickMissed(uint256 which) private view returns (JobId, bool) {
        uint64 count = jobs.jobCount();
        for (uint64 offset = 0; offset < count; ++offset) {
            uint64 i = uint64((which % count + offset) % count) + 1;
            Ghost storage ghost = ghosts[i];
            bool missed = ghost.status == JobStatus.Routed && now_() > ghost.time && now_() <= ghost.terms.routeDeadline;
            if (missed) return (JobId.wrap(i), true);
        }
        return pickJob(which, JobStatus.Routed);
    }

    function guess(uint256 which, uint256 where, uint64 price, bool honest) private view returns (Routing memory routing) {
        ListingId id = listings[where % listings.length];
        Listing memory listing = providers.getListing(id);
        uint64 exact = priceOf(id, listing);
        routing.listing = id;
        routing.listingVersion = honest ? listing.version : listing.version + uint32(which % 2);
        routing.pricePerGpuHour = honest && exact != 0 ? exact : uint64(bound(price, 500_000, 6_000_000));
        (routing.recordRoot, routing.recordHash) = (keccak256("r"), keccak256("h"));
    }

    function split(uint256 which, uint16 first) external step("split") {
        (JobId job, bool found) = pickJob(which, JobStatus.Requested);
        if (!found) return;
        Ghost storage whole = ghosts[JobId.unwrap(job)];
        uint16[] memory counts = new uint16[](2);
        counts[0] = uint16(bound(first, 1, 4));
        counts[1] = whole.terms.gpuCount > counts[0] ? whole.terms.gpuCount - counts[0] : 1;
        bool adds = uint256(counts[0]) + counts[1] == whole.terms.gpuCount;
        bool mayPass = adds && whole.asked.maxParts > 1 && !jobs.paused() && now_() <= whole.terms.routeDeadline && isBonded();
        Terms memory terms = whole.terms;
        VM.prank(router);
        (bool success, bytes memory result) = address(jobs).call(abi.encodeCall(jobs.split, (job, terms, whole.asked, counts)));
        require(success == mayPass, "2: split");
        if (!success) return;
        uint64 firstPart = JobId.unwrap(abi.decode(result, (JobId)));
        uint64 left = terms.locked;
        for (uint64 i = 0; i < 2; ++i) {
            left -= notePart(whole, firstPart + i, counts[i]);
        }
        noteRestored(terms, left);
        (whole.status, whole.time) = (JobStatus.Split, now_());
        ++calls["split"];
    }

    /* PROVIDERS */

    function start(uint256 which, bool byDelegate) external step("start") {
        (JobId job, bool found) = pickJob(which, JobStatus.Routed);
        if (!found) return;
        Ghost storage ghost = ghosts[JobId.unwrap(job)];
        bool inTime = now_() <= ghost.time;
        VM.prank(byDelegate ? delegate : owner);
        (bool success,) = address(jobs).call(abi.encodeCall(jobs.start, (job, ghost.terms)));
        require(success == inTime, "6: start");
        if (!success) return;
        (ghost.status, ghost.time) = (JobStatus.Running, now_());
        ++calls["started"];
    }

    function decline(uint256 which) external step("decline") {
        (JobId job, bool found) = pickJob(which, JobStatus.Routed);
        if (!found) return;
        Ghost storage ghost = ghosts[JobId.unwrap(job)];
        VM.prank(owner);
        jobs.decline(job, ghost.terms);
        noteReopened(ghost);
        ++calls["declined"];
    }

    function complete(uint256 which, uint256 who, bool disputed) external step("complete") {
        (JobId job, bool found) = pickJob(which, disputed ? JobStatus.Disputed : JobStatus.Running);
        if (!found) return;
        Ghost storage ghost = ghosts[JobId.unwrap(job)];
        Terms memory terms = ghost.terms;
        uint64 paid = disputed ? ghost.due : dueOf(ghost);
        uint256[3] memory before = balancesOf(terms);
        VM.prank(disputed || who % 3 == 0 ? terms.requester : who % 3 == 1 ? owner : delegate);
        jobs.complete(job, terms);
        checkPaid(terms, before, paid);
        noteEnd(ghost, JobStatus.Settled, paid);
        ++calls[disputed ? bytes32("conceded") : bytes32("completed")];
    }

    function fail(uint256 which, bool disputed) external step("fail") {
        (JobId job, bool found) = pickJob(which, disputed ? JobStatus.Disputed : JobStatus.Running);
        if (!found) return;
        Ghost storage ghost = ghosts[JobId.unwrap(job)];
        Terms memory terms = ghost.terms;
        uint256[3] memory before = balancesOf(terms);
        VM.prank(owner);
        jobs.fail(job, terms);
        checkPaid(terms, before, 0);
        noteEnd(ghost, JobStatus.Failed, 0);
        ++calls["failed"];
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
        VM.prank(which % 2 == 0 ? owner : delegate);
        providers.setPricing(id, pricing);
    }

    function setTiers(uint256 which, uint8 hour, uint16 multiplier) external step("setTiers") {
        Tier[] memory tiers = new Tier[](which % 3 == 0 ? 0 : 1);
        if (tiers.length > 0) tiers[0] = Tier(hour % 168, uint16(bound(multiplier, 1000, 20_000)));
        VM.prank(owner);
        providers.setTiers(listings[which % 2], tiers);
    }

    function setCapacity(uint256 which, uint16 total, bool offline) external step("setCapacity") {
        ListingId id = listings[which % listings.length];
        uint16 reserved = providers.getListing(id).reserved;
        total = uint16(bound(total, reserved > 0 ? reserved : 1, 32));
        VM.prank(owner);
        providers.setCapacity(id, total, offline && total % 4 == 0);
    }

    /* WHAT IS EXPECTED: written down once more, without the contracts' libraries */

    function mayRoute(Ghost storage ghost, Routing memory routing) private view returns (bool) {
        Listing memory listing = providers.getListing(routing.listing);
        uint64 exact = priceOf(routing.listing, listing);
        Terms memory terms = ghost.terms;
        JobRequest memory asked = ghost.asked;
        if (jobs.paused() || !isBonded() || now_() > terms.routeDeadline) return false;
        if (ghost.status == JobStatus.Routed && now_() <= ghost.time) return false;
        if (routing.listingVersion != listing.version || listing.offline) return false;
        uint16 free = listing.total - listing.reserved;
        // Its own place is free again when it is routed anew.
        if (ghost.status == JobStatus.Routed && same(terms.listing, routing.listing)) {
            free += terms.gpuCount;
            if (listing.model == PricingModel.Dynamic) {
                uint256 reserved = listing.reserved - terms.gpuCount;
                exact = tiered(routing.listing, uint64(listing.floor + uint256(listing.ceiling - listing.floor) * reserved / listing.total));
            }
        }
        if (asked.gpuCount > free || asked.gpuCount > listing.widest || asked.gpuCount > listing.total) return false;
        if (asked.attestations != 0 && !hasKyc(uint256(now_()) + asked.startWindow + asked.duration)) return false;
        if (routing.pricePerGpuHour > asked.maxPricePerGpuHour) return false;
        if (exact == 0) return listing.floor <= routing.pricePerGpuHour && routing.pricePerGpuHour <= listing.ceiling;
        return routing.pricePerGpuHour == exact;
    }

    function hasKyc(uint256 until) internal view virtual returns (bool);

    function isBonded() internal view returns (bool) {
        return escrow.bondOf(router).amount - escrow.bondOf(router).leaving >= 100e6 && access.hasRole(access.ROUTER_ROLE(), router);
    }

    /// @return the listing's one price now, or 0 for a band
    function priceOf(ListingId id, Listing memory listing) internal view returns (uint64) {
        if (listing.kind == ListingKind.Network || listing.model == PricingModel.Token) return 0;
        if (listing.model == PricingModel.Fixed) return tiered(id, listing.rate);
        return tiered(id, uint64(listing.floor + uint256(listing.ceiling - listing.floor) * listing.reserved / listing.total));
    }

    function tiered(ListingId id, uint64 rate) private view returns (uint64) {
        Tier[] memory tiers = providers.getTiers(id);
        if (tiers.length == 0) return rate;
        // There is at most one here, and one tier lasts all week.
        uint256 scaled = uint256(rate) * tiers[0].multiplier / 10_000;
        return scaled == 0 ? 1 : uint64(scaled);
    }

    function noteRouted(JobId job, Ghost storage ghost, Routing memory routing) private {
        Terms storage terms = ghost.terms;
        ghost.routing = routing;
        ghost.upheld = false;
        terms.provider = owner;
        terms.listing = routing.listing;
        terms.pricePerGpuHour = routing.pricePerGpuHour;
        terms.fee = feeNow();
        terms.router = router;
        terms.routedAt = now_();
        terms.commitment = keccak256(
            abi.encode(
                job,
                terms.requestHash,
                routing.listing,
                routing.listingVersion,
                owner,
                routing.pricePerGpuHour,
                routing.candidatesRoot,
                routing.recordRoot,
                routing.recordHash
            )
        );
        (ghost.status, ghost.time) = (JobStatus.Routed, now_() + ghost.asked.startWindow);
    }

    function feeNow() internal view virtual returns (uint16);

    function notePart(Ghost storage whole, uint64 id, uint16 count) private returns (uint64 locked) {
        Ghost storage part = ghosts[id];
        JobRequest memory asked = whole.asked;
        (asked.gpuCount, asked.maxParts) = (count, 0);
        locked = uint64((uint256(asked.maxPricePerGpuHour) * count * asked.duration + 3599) / 3600);
        part.asked = asked;
        part.terms = whole.terms;
        part.terms.gpuCount = count;
        part.terms.locked = locked;
        part.terms.requestHash = keccak256(abi.encode(asked));
        (part.status, part.time) = (JobStatus.Requested, whole.terms.routeDeadline);
    }

    /* A RANKING OF TWO */

    function leaves(Routing memory routing, uint256 a) private pure returns (Candidate memory chosen, Candidate memory other) {
        chosen = Candidate(
            keccak256("chosen"), ListingId.unwrap(routing.listing), routing.listingVersion, routing.pricePerGpuHour, 0, 0, 0, 0, 0
        );
        (chosen.uptimeDistance, chosen.riskDistance) = (uint16(a % 10_001), uint16((a >> 16) % 10_001));
        other = Candidate(keccak256("other"), uint32(a % 3), 1, uint64(bound(a >> 32, 500_000, 6_000_000)), 0, 0, 0, 0, 0);
        (other.uptimeDistance, other.riskDistance) = (uint16((a >> 48) % 10_001), uint16((a >> 64) % 10_001));
    }

    function leafOf(Candidate memory candidate) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(candidate))));
    }

    function rootOf(Candidate memory a, Candidate memory b) private pure returns (bytes32) {
        (bytes32 x, bytes32 y) = (leafOf(a), leafOf(b));
        return x < y ? keccak256(abi.encode(x, y)) : keccak256(abi.encode(y, x));
    }
}
