// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ListingId} from "../../src/types/Ids.sol";
import {Stage} from "./Stage.sol";
import {Handler} from "./Handler.sol";

/// @title What holds after any steps in any order
/// @notice Numbered in `contracts/test/invariant/README.md`; the handler checks them after every step, so a campaign's failing step names the one
/// that broke. What is left for the end is here.
/// forge-config: default.isolate = false
contract InvariantsTest is Stage {
    function setUp() public override {
        super.setUp();
        targetContract(address(handler));
        targetSelector(FuzzSelector({addr: address(handler), selectors: steps()}));
    }

    /// Once more from outside, in case no step ran.
    function invariant_all() public view {
        handler.observe();
    }

    function afterInvariant() public {
        end();
    }

    /// The steps reach every end: without this, the invariants could hold because nothing ever happens.
    function test_handler_reachesEveryEnd() public {
        walk(120);
        string[20] memory ends = [
            "requested",
            "requested by key",
            "routed",
            "failed over",
            "split",
            "started",
            "declined",
            "completed",
            "conceded",
            "failed",
            "cancelled",
            "extended",
            "disputed",
            "ruled",
            "resolved",
            "expired",
            "upheld",
            "rejected",
            "trespass",
            "abuseAgent"
        ];
        for (uint256 i = 0; i < ends.length; ++i) {
            assertGt(handler.calls(bytes32(bytes(ends[i]))), 0, ends[i]);
        }
        end();
    }
}
