// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {stdJson} from "forge-std/StdJson.sol";

import {Candidate} from "../../src/types/Candidate.sol";
import {JobId, ListingId, TeamId} from "../../src/types/Ids.sol";
import {JobRequest, Routing, Terms} from "../../src/types/Job.sol";
import {ListingKind, Tier} from "../../src/types/Listing.sol";
import {Base} from "../utils/Base.sol";
import {ZeroGRoot} from "../utils/ZeroGRoot.sol";

/// @title VER-03: Solidity computes what TypeScript computed
/// @notice The vectors are made by core (`npm run vectors --workspace core`) with the functions that the agent and verifiers use.
contract VectorsTest is Base {
    using stdJson for string;

    string private json;

    /* HASHES AND AMOUNTS OF A JOB */

    function test_VER03_hashRequest_equalsTypeScripts() public {
        uint256 count = read("commitment", "", 5);
        for (uint256 i = 0; i < count; ++i) {
            assertEq(jobs.hashRequest(requestAt(at("", i, ".request"))), json.readBytes32(at("", i, ".requestHash")), at("", i, ""));
        }
    }

    function test_VER03_commitmentOf_equalsTypeScripts() public {
        uint256 count = read("commitment", "", 5);
        for (uint256 i = 0; i < count; ++i) {
            bytes32 commitment = jobs.commitmentOf(
                JobId.wrap(uint64(json.readUint(at("", i, ".jobId")))),
                json.readBytes32(at("", i, ".requestHash")),
                json.readAddress(at("", i, ".provider")),
                routingAt(at("", i, ".routing"))
            );
            assertEq(commitment, json.readBytes32(at("", i, ".commitment")), at("", i, ""));
        }
    }

    function test_SET02_lockForAndCostOf_equalTypeScripts() public {
        uint256 count = read("commitment", "", 5);
        for (uint256 i = 0; i < count; ++i) {
            JobRequest memory asked = requestAt(at("", i, ".request"));
            assertEq(jobs.lockFor(asked), json.readUint(at("", i, ".locked")), at("", i, ""));
            uint64 price = uint64(json.readUint(at("", i, ".routing.pricePerGpuHour")));
            uint32 elapsed = uint32(json.readUint(at("", i, ".elapsed")));
            assertEq(jobs.costOf(price, asked.gpuCount, elapsed), json.readUint(at("", i, ".cost")), at("", i, ""));
        }
    }

    function test_VER03_hashTerms_equalsTypeScripts() public {
        uint256 count = read("commitment", "", 5);
        for (uint256 i = 0; i < count; ++i) {
            string memory list = at("", i, ".terms");
            assertEq(lengthOf(list), 2);
            for (uint256 k = 0; k < 2; ++k) {
                string memory path = at(list, k, "");
                bytes26 wanted = bytes26(json.readBytes(string.concat(path, ".hash")));
                assertEq(jobs.hashTerms(termsAt(path)), wanted, path);
            }
        }
    }

    function termsAt(string memory path) private view returns (Terms memory terms) {
        terms.requester = json.readAddress(string.concat(path, ".requester"));
        terms.team = TeamId.wrap(uint32(number(path, "team")));
        terms.requestedAt = uint40(number(path, "requestedAt"));
        terms.routeDeadline = uint40(number(path, "routeDeadline"));
        terms.gpuCount = uint16(number(path, "gpuCount"));
        terms.duration = uint32(number(path, "duration"));
        terms.locked = uint64(number(path, "locked"));
        terms.requestHash = json.readBytes32(string.concat(path, ".requestHash"));
        terms.provider = json.readAddress(string.concat(path, ".provider"));
        terms.listing = ListingId.wrap(uint32(number(path, "listing")));
        terms.pricePerGpuHour = uint64(number(path, "pricePerGpuHour"));
        terms.fee = uint16(number(path, "fee"));
        terms.router = json.readAddress(string.concat(path, ".router"));
        terms.routedAt = uint40(number(path, "routedAt"));
        terms.commitment = json.readBytes32(string.concat(path, ".commitment"));
    }

    /* THE TREE OVER A RANKING */

    function test_VER03_candidates_areProvenByOpenZeppelinsVerifier() public {
        uint256 proofs = 0;
        uint256 count = read("candidates", "", 5);
        for (uint256 i = 0; i < count; ++i) {
            bytes32 root = json.readBytes32(at("", i, ".root"));
            string memory list = at("", i, ".candidates");
            for (uint256 k = 0; k < lengthOf(list); ++k) {
                string memory path = at(list, k, "");
                bytes32 leaf = keccak256(bytes.concat(keccak256(candidateAt(path, 0))));
                assertEq(leaf, json.readBytes32(string.concat(path, ".leaf")), path);
                bytes32[] memory proof = json.readBytes32Array(string.concat(path, ".proof"));
                assertTrue(MerkleProof.verify(proof, root, leaf), path);
                bytes32 dearer = keccak256(bytes.concat(keccak256(candidateAt(path, 1))));
                assertFalse(MerkleProof.verify(proof, root, dearer), path);
                // A leaf hashed once is what a forger of inner hashes could present.
                assertFalse(MerkleProof.verify(proof, root, keccak256(candidateAt(path, 0))), path);
                ++proofs;
            }
        }
        assertEq(proofs, 1 + 2 + 3 + 5 + 10);
    }

    /// The words of a leaf, with a price that is `dearer` micro-USD above the one in the file.
    function candidateAt(string memory path, uint256 dearer) private view returns (bytes memory) {
        return abi.encode(
            keccak256(bytes(json.readString(string.concat(path, ".key")))),
            number(path, "listing"),
            number(path, "listingVersion"),
            number(path, "price") + dearer,
            number(path, "uptimeDistance"),
            number(path, "latencyDistance"),
            number(path, "ratingDistance"),
            number(path, "riskDistance"),
            number(path, "score")
        );
    }

    /* THE RANKING */

    /// Every pair of each order: the contract never puts the later one first, and of some the file says what it has to say.
    function test_AGT09_scoreAndOrder_equalTypeScripts() public {
        uint256 count = read("ranking", ".rankings", 5);
        for (uint256 i = 0; i < count; ++i) {
            string memory weights = at(".rankings", i, ".weights");
            string memory order = at(".rankings", i, ".order");
            JobRequest memory asked;
            asked.uptimeWeight = uint16(number(weights, "uptime"));
            asked.latencyWeight = uint16(number(weights, "latency"));
            asked.ratingWeight = uint16(number(weights, "rating"));
            asked.riskWeight = uint16(number(weights, "risk"));
            assertEq(lengthOf(order), 10);
            Candidate[] memory lines = new Candidate[](10);
            for (uint256 k = 0; k < 10; ++k) {
                string memory path = at(order, k, "");
                lines[k] = rankedAt(path);
                assertEq(challenges.scoreOf(asked, lines[k]), number(path, "score"), path);
                for (uint256 earlier = 0; earlier < k; ++earlier) {
                    int8 found = challenges.compare(asked, lines[earlier], lines[k]);
                    assertLe(found, 0, path);
                    assertEq(challenges.compare(asked, lines[k], lines[earlier]), -found, path);
                }
            }
            string memory pairs = at(".rankings", i, ".pairs");
            assertEq(lengthOf(pairs), 12);
            for (uint256 k = 0; k < 12; ++k) {
                string memory path = at(pairs, k, "");
                int8 found = challenges.compare(asked, lines[number(path, "a")], lines[number(path, "b")]);
                assertEq(found, json.readInt(string.concat(path, ".order")), path);
            }
        }
    }

    function rankedAt(string memory path) private view returns (Candidate memory line) {
        string memory distances = string.concat(path, ".distances");
        line.keyHash = keccak256(bytes(json.readString(string.concat(path, ".key"))));
        line.price = uint64(number(path, "price"));
        line.uptimeDistance = uint16(number(distances, "uptime"));
        line.latencyDistance = uint16(number(distances, "latency"));
        line.ratingDistance = uint16(number(distances, "rating"));
        line.riskDistance = uint16(number(distances, "risk"));
    }

    /* TIERS */

    function test_PROV02_tiers_equalTypeScripts() public {
        json = vm.readFile("core/vectors/tiers.json");
        uint256 count = lengthOf("");
        assertGe(count, 40, "a loop over little proves little");
        for (uint256 i = 0; i < count; ++i) {
            string memory list = at("", i, ".tiers");
            Tier[] memory tiers = new Tier[](lengthOf(list));
            for (uint256 k = 0; k < tiers.length; ++k) {
                string memory path = at(list, k, "");
                tiers[k] = Tier({hour: uint8(number(path, "hour")), multiplier: uint16(number(path, "multiplier"))});
            }
            uint64 rate = uint64(number(at("", i, ""), "rate"));
            ListingId listed = newListing(ListingKind.Own, fixedPricing(rate));
            vm.prank(OWNER);
            providers.setTiers(listed, tiers);
            vm.warp(number(at("", i, ""), "at"));
            assertEq(providers.currentRate(listed), number(at("", i, ""), "price"), at("", i, ""));
            assertEq(abi.encode(providers.getTiers(listed)), abi.encode(tiers), at("", i, ""));
        }
    }

    /* 0G'S ROOT OF A FILE */

    function test_VER02_zeroGRoot_equalsTypeScripts() public {
        uint256 checked = 0;
        uint256 count = read("zerog-root", ".pattern", 19);
        for (uint256 i = 0; i < count; ++i) {
            uint256 size = json.readUint(at(".pattern", i, ".size"));
            // The larger ones take long; the last of these has two segments.
            if (size > 262_145) continue;
            bytes memory content = new bytes(size);
            for (uint256 k = 0; k < size; ++k) {
                content[k] = bytes1(uint8(k % 251));
            }
            assertEq(ZeroGRoot.rootOf(content), json.readBytes32(at(".pattern", i, ".root")), vm.toString(size));
            ++checked;
        }
        assertEq(checked, 17);
        string memory text = at(".text", 0, "");
        assertEq(ZeroGRoot.rootOf(bytes(json.readString(string.concat(text, ".text")))), json.readBytes32(string.concat(text, ".root")));
    }

    /* READING */

    /// Reads a file of core's and says how long the list at `path` is, which has to be `wanted`: a loop over nothing proves nothing.
    function read(string memory name, string memory path, uint256 wanted) private returns (uint256) {
        json = vm.readFile(string.concat("core/vectors/", name, ".json"));
        assertEq(lengthOf(path), wanted, "the file has more or fewer vectors: look at them and change the number here");
        return wanted;
    }

    function lengthOf(string memory path) private view returns (uint256 length) {
        while (json.keyExists(at(path, length, ""))) ++length;
    }

    /// Path of a field of the element `index` of the list at `path`.
    function at(string memory path, uint256 index, string memory field) private pure returns (string memory) {
        string memory root = bytes(path).length > 0 && bytes(path)[0] == "$" ? "" : "$";
        return string.concat(root, path, "[", vm.toString(index), "]", field);
    }

    function requestAt(string memory path) private view returns (JobRequest memory asked) {
        asked.gpuModel = bytes16(json.readBytes(string.concat(path, ".gpuModel")));
        asked.minMemoryGiB = uint16(number(path, "minMemoryGiB"));
        asked.formFactors = uint8(number(path, "formFactors"));
        asked.gpuCount = uint16(number(path, "gpuCount"));
        asked.maxParts = uint8(number(path, "maxParts"));
        asked.duration = uint32(number(path, "duration"));
        asked.maxPricePerGpuHour = uint64(number(path, "maxPricePerGpuHour"));
        asked.continents = uint8(number(path, "continents"));
        asked.countries = bytes16(json.readBytes(string.concat(path, ".countries")));
        asked.excludedPricing = uint8(number(path, "excludedPricing"));
        asked.attestations = uint16(number(path, "attestations"));
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
