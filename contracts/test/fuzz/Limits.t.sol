// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JobRequest} from "../../src/types/Job.sol";
import {JobId, ListingId} from "../../src/types/Ids.sol";
import {Continent, FormFactor, Hardware, ListingKind, Pricing, PricingModel} from "../../src/types/Listing.sol";
import {Base} from "../utils/Base.sol";

/// @title AGT-04: the limits as a whole against a plain reference
/// @notice The values are drawn from few, so that every rule holds about as often as it does not.
contract LimitsFuzzTest is Base {
    struct Draw {
        uint8 model;
        uint8 memory_;
        uint8 formFactor;
        uint8 count;
        uint8 continent;
        uint8 country;
        uint8 pricing;
        uint8 window;
        uint8 price;
        uint8 maximum;
        bool offline;
        bool staleVersion;
        bool isNetwork;
    }

    function testFuzz_AGT04_reserve_agreesWithThePlainRules(Draw memory want, Draw memory have) public {
        Hardware memory machine = hardwareOf(have);
        Pricing memory pricing = pricingOf(have);
        ListingId id = newListing(have.isNetwork ? ListingKind.Network : ListingKind.Own, pricing, machine);
        bool offline = have.offline && have.price % 8 == 0;
        if (offline) {
            vm.prank(OWNER);
            providers.setCapacity(id, machine.total, true);
        }
        uint32 version = providers.getListing(id).version + (want.staleVersion && want.window % 8 == 0 ? 1 : 0);
        JobRequest memory asked = requestOf(want);
        uint64 price = 1 + want.price % 4;

        bool wanted = !offline && version == providers.getListing(id).version && fits(asked, machine, pricing)
            && priceFits(asked, pricing, have.isNetwork, price);
        vm.prank(address(jobs));
        try providers.reserve(id, version, price, BUYER, asked) returns (address owner) {
            assertTrue(wanted, "reserved, but should not");
            assertEq(owner, OWNER);
            assertEq(reservedOf(id), asked.gpuCount);
        } catch {
            assertFalse(wanted, "refused, but should not");
            assertEq(reservedOf(id), 0);
        }
    }

    /// The rules in plain words, on plain lists.
    function fits(JobRequest memory asked, Hardware memory machine, Pricing memory pricing) private view returns (bool) {
        if (asked.gpuModel != machine.gpuModel) return false;
        if (machine.memoryGiB < asked.minMemoryGiB) return false;
        if (asked.formFactors != 0 && (asked.formFactors >> uint8(machine.formFactor)) % 2 == 0) return false;
        if ((asked.excludedPricing >> uint8(pricing.model)) % 2 == 1) return false;
        if (asked.gpuCount > machine.widest || asked.gpuCount > machine.total) return false;
        if (asked.continents != 0 || asked.countries != 0) {
            bool inContinent = (asked.continents >> uint8(machine.continent)) % 2 == 1;
            bool inCountry = false;
            for (uint256 i = 0; i < 8; ++i) {
                bytes2 code = bytes2(abi.encodePacked(asked.countries[2 * i], asked.countries[2 * i + 1]));
                if (code != 0 && code == machine.country) inCountry = true;
            }
            if (!inContinent && !inCountry) return false;
        }
        if (machine.availableFrom > block.timestamp) return false;
        uint256 end = block.timestamp + asked.startWindow + asked.duration;
        return machine.availableUntil == 0 || machine.availableUntil >= end;
    }

    function priceFits(JobRequest memory asked, Pricing memory pricing, bool isNetwork, uint64 price) private pure returns (bool) {
        if (price > asked.maxPricePerGpuHour) return false;
        if (isNetwork || pricing.model == PricingModel.Token) return price >= pricing.floor && price <= pricing.ceiling;
        if (pricing.model == PricingModel.Fixed) return price == pricing.rate;
        return price == pricing.floor;
    }

    function hardwareOf(Draw memory draw) private view returns (Hardware memory machine) {
        machine = hardware();
        if (draw.model % 8 == 0) machine.gpuModel = "h200";
        machine.memoryGiB = draw.memory_ % 4 == 0 ? 0 : 80;
        machine.formFactor = FormFactor(draw.formFactor % 6);
        machine.continent = Continent(draw.continent % 8);
        machine.country = [bytes2("DE"), bytes2("FR"), bytes2("US"), bytes2(0)][draw.country % 4];
        (machine.total, machine.widest) = (8, uint16(1 + draw.count % 8));
        if (draw.window % 4 == 1) machine.availableFrom = uint32(block.timestamp + draw.window % 2);
        if (draw.window % 4 == 2) machine.availableUntil = uint32(block.timestamp + 15 minutes + 10 hours - 1 + (draw.window >> 2) % 2);
    }

    function pricingOf(Draw memory draw) private pure returns (Pricing memory pricing) {
        PricingModel model = PricingModel(draw.pricing % 3);
        uint64 low = 1 + draw.price % 3;
        if (model != PricingModel.Fixed) return bandPricing(model, low, low + draw.maximum % 3);
        pricing = fixedPricing(low);
        if (draw.isNetwork) (pricing.floor, pricing.ceiling) = (low, low + draw.maximum % 3);
    }

    function requestOf(Draw memory draw) private view returns (JobRequest memory asked) {
        asked = aRequest();
        asked.minMemoryGiB = draw.memory_ % 4 == 0 ? 81 : draw.memory_ % 2 == 0 ? 80 : 0;
        asked.formFactors = draw.formFactor % 2 == 0 ? 0 : draw.formFactor >> 1;
        asked.gpuCount = 1 + draw.count % 3;
        asked.continents = draw.continent % 2 == 0 ? 0 : draw.continent;
        asked.countries = [bytes16(0), bytes16("DE"), bytes16("USFR"), bytes16("ITFRESPTBENLDEUS")][draw.country % 4];
        asked.excludedPricing = draw.pricing % 2 == 0 ? 0 : (draw.pricing >> 1) % 8;
        asked.maxPricePerGpuHour = 1 + draw.maximum % 5;
    }

    /// What is asked for and what is listed never decode to something else: the key's text is the key.
    function testFuzz_SET01_request_anyModelIsTold(bytes16 model) public {
        vm.assume(model != 0);
        JobRequest memory asked = aRequest();
        asked.gpuModel = model;
        JobId job = request(BUYER, asked);
        assertEq(jobs.hashRequest(asked), keccak256(abi.encode(asked)));
        jobs.checkTerms(job, termsOf(job));
    }
}
