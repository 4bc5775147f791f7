// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {stdJson} from "forge-std/StdJson.sol";

import {JobId, ListingId, TeamId} from "../../src/types/Ids.sol";
import {JobRequest, Routing} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title VER-03: the contract hashes what TypeScript hashes
/// @notice The vectors are made by `contracts/test/vectors/make.ts`, with the functions that verifiers use.
contract VectorsTest is Base {
    using stdJson for string;

    string private json;

    function setUp() public override {
        super.setUp();
        json = vm.readFile("contracts/test/vectors/commitment.json");
    }

    function test_VER03_hashRequest_equalsTypeScripts() public view {
        for (uint256 i = 0; i < count(); ++i) {
            assertEq(jobs.hashRequest(requestAt(at(i, "request"))), json.readBytes32(at(i, "requestHash")), at(i, ""));
        }
    }

    function test_VER03_commitmentOf_equalsTypeScripts() public view {
        for (uint256 i = 0; i < count(); ++i) {
            bytes32 commitment = jobs.commitmentOf(
                JobId.wrap(uint64(json.readUint(at(i, "job")))),
                json.readBytes32(at(i, "requestHash")),
                json.readAddress(at(i, "provider")),
                routingAt(at(i, "routing"))
            );
            assertEq(commitment, json.readBytes32(at(i, "commitment")), at(i, ""));
        }
    }

    function test_SET02_accounts_equalTypeScripts() public view {
        for (uint256 i = 0; i < count(); ++i) {
            assertEq(uint192(uint160(json.readAddress(at(i, "provider")))), uint192(json.readUint(at(i, "providerAccount"))));
        }
    }

    function count() private view returns (uint256) {
        uint256 found = json.readUint(".count");
        assertGt(found, 3);
        return found;
    }

    function at(uint256 index, string memory field) private pure returns (string memory) {
        return string.concat(".vectors[", vm.toString(index), "].", field);
    }

    function requestAt(string memory path) private view returns (JobRequest memory asked) {
        asked.gpuModel = bytes16(json.readBytes(string.concat(path, ".gpuModel")));
        asked.minMemoryGiB = uint16(number(path, "minMemoryGiB"));
        asked.formFactors = uint8(number(path, "formFactors"));
        asked.gpuCount = uint16(number(path, "gpuCount"));
        asked.duration = uint32(number(path, "duration"));
        asked.maxPricePerGpuHour = uint64(number(path, "maxPricePerGpuHour"));
        asked.continents = uint8(number(path, "continents"));
        asked.countries = bytes16(json.readBytes(string.concat(path, ".countries")));
        asked.excludedPricing = uint8(number(path, "excludedPricing"));
        asked.uptimeWeight = uint16(number(path, "uptimeWeight"));
        asked.latencyWeight = uint16(number(path, "latencyWeight"));
        asked.ratingWeight = uint16(number(path, "ratingWeight"));
        asked.riskWeight = uint16(number(path, "riskWeight"));
        asked.routeDeadline = uint40(number(path, "routeDeadline"));
        asked.startWindow = uint32(number(path, "startWindow"));
        asked.specHash = json.readBytes32(string.concat(path, ".specHash"));
        asked.policyHash = json.readBytes32(string.concat(path, ".policyHash"));
        asked.team = TeamId.wrap(uint32(number(path, "team")));
        asked.tracked = json.readBool(string.concat(path, ".tracked"));
    }

    function routingAt(string memory path) private view returns (Routing memory routing) {
        routing.listing = ListingId.wrap(uint32(number(path, "listing")));
        routing.listingVersion = uint32(number(path, "listingVersion"));
        routing.pricePerGpuHour = uint64(number(path, "pricePerGpuHour"));
        routing.candidatesRoot = json.readBytes32(string.concat(path, ".candidatesRoot"));
        routing.recordRoot = json.readBytes32(string.concat(path, ".recordRoot"));
        routing.recordHash = json.readBytes32(string.concat(path, ".recordHash"));
    }

    function number(string memory path, string memory field) private view returns (uint256) {
        return json.readUint(string.concat(path, ".", field));
    }
}
