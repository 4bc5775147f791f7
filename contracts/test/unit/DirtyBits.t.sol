// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IJobRegistry} from "../../src/interfaces/IJobRegistry.sol";
import {JobId} from "../../src/types/Ids.sol";
import {JobRequest, Routing, Terms} from "../../src/types/Job.sol";
import {Base} from "../utils/Base.sol";

/// @title Bits beyond a value's type
/// @notice Requests and terms are hashed as they come in calldata (`Commitment`), so a word with more bits than its type has would be another
/// request of the same meaning. None gets in.
contract DirtyBitsTest is Base {
    uint256 private constant REQUEST_WORDS = 21;
    uint256 private constant TERMS_WORDS = 15;
    /// Words of a request that are full, and so cannot be dirty: specHash and policyHash.
    uint256 private constant SPEC_HASH = 17;
    uint256 private constant POLICY_HASH = 18;

    function test_SET01_request_refusesDirtyBitsInEveryWord() public {
        bytes memory clean = abi.encodeCall(jobs.request, (aRequest()));
        assertEq(clean.length, 4 + REQUEST_WORDS * 32);
        for (uint256 word = 0; word < REQUEST_WORDS; ++word) {
            if (word == SPEC_HASH || word == POLICY_HASH) continue;
            // bytes16 is padded at its right, every number at its left.
            bool isText = word == 0 || word == 8;
            vm.prank(BUYER);
            (bool success,) = address(jobs).call(flip(clean, 4 + word * 32 + (isText ? 31 : 0)));
            assertFalse(success, vm.toString(word));
        }
        vm.prank(BUYER);
        (bool passes,) = address(jobs).call(clean);
        assertTrue(passes);
    }

    function test_SET01_route_refusesDirtyBitsInEveryWord() public {
        JobRequest memory asked = aRequest();
        JobId job = request(BUYER, asked);
        Terms memory terms = termsOf(job);
        bytes memory clean = abi.encodeCall(jobs.route, (job, terms, asked, aRouting()));
        for (uint256 word = 1; word < 1 + TERMS_WORDS + REQUEST_WORDS; ++word) {
            for (uint256 side = 0; side < 2; ++side) {
                vm.prank(ROUTER);
                (bool success,) = address(jobs).call(flip(clean, 4 + word * 32 + side * 31));
                assertFalse(success, vm.toString(word));
            }
        }
        vm.prank(ROUTER);
        (bool passes,) = address(jobs).call(clean);
        assertTrue(passes);
    }

    /// Terms with another bit are other terms, whatever it means.
    function testFuzz_SET01_terms_everyBitCounts(uint256 at, uint8 bit) public {
        JobId job = request(BUYER, aRequest());
        bytes memory data = abi.encodeCall(jobs.cancel, (job, termsOf(job)));
        at = bound(at, 4 + 32, data.length - 1);
        data[at] = bytes1(uint8(data[at]) ^ uint8(1 << (bit % 8)));
        vm.prank(BUYER);
        (bool success, bytes memory reason) = address(jobs).call(data);
        assertFalse(success);
        // Either the decoder refuses the word, or the hash is another.
        if (reason.length > 0) assertEq(bytes4(reason), IJobRegistry.TermsMismatch.selector);
    }

    function flip(bytes memory data, uint256 at) private pure returns (bytes memory dirty) {
        dirty = bytes.concat(data);
        dirty[at] = bytes1(uint8(dirty[at]) ^ 0x80);
    }
}
