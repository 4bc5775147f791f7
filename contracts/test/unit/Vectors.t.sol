// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {stdJson} from "forge-std/StdJson.sol";

import {JobId, ListingId, TeamId} from "../../src/types/Ids.sol";
import {JobRequest, Routing} from "../../src/types/Job.sol";
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

    function test_AGT05_penaltiesScoreAndOrder_equalTypeScripts() public {
        string[4] memory qualities = ["uptime", "latency", "rating", "risk"];
        uint256 count = read("ranking", ".rankings", 5);
        for (uint256 i = 0; i < count; ++i) {
            string memory weights = at(".rankings", i, ".weights");
            string memory order = at(".rankings", i, ".order");
            assertEq(lengthOf(order), 10);
            uint256[5] memory last;
            for (uint256 k = 0; k < 10; ++k) {
                string memory path = at(order, k, "");
                uint256 sum = 0;
                for (uint256 q = 0; q < qualities.length; ++q) {
                    sum += number(weights, qualities[q]) * number(string.concat(path, ".distances"), qualities[q]);
                }
                uint256 price = number(path, "price");
                uint256 score = price * (10_000 + sum / 10_000) / 10_000;
                assertEq(sum / 10_000, number(path, "penalties"), path);
                assertEq(score, number(path, "score"), path);
                string memory distances = string.concat(path, ".distances");
                uint256[5] memory place =
                    [score, price, number(distances, "uptime"), number(distances, "latency"), number(distances, "rating")];
                assertTrue(!isBefore(place, last), path);
                last = place;
            }
        }
    }

    /// Whether the first word in which they differ is smaller in `one`.
    function isBefore(uint256[5] memory one, uint256[5] memory other) private pure returns (bool) {
        for (uint256 i = 0; i < one.length; ++i) {
            if (one[i] != other[i]) return one[i] < other[i];
        }
        return false;
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
