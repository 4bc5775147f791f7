// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MockUSDC} from "../../src/mocks/MockUSDC.sol";

/// @title USDC on its bad days: it pauses, blocks people, takes a fee, or lies about having moved anything
contract MoodyToken is MockUSDC {
    enum Mood {
        Good,
        Paused,
        TakesFee,
        MovesNothing
    }

    error Blocked(address person);
    error TokenPaused();

    Mood public mood;
    mapping(address person => bool) public blocked;

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    function setBlocked(address person, bool isBlocked) external {
        blocked[person] = isBlocked;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from != address(0)) {
            if (mood == Mood.Paused) revert TokenPaused();
            if (blocked[from]) revert Blocked(from);
            if (blocked[to]) revert Blocked(to);
            if (mood == Mood.MovesNothing) return;
            if (mood == Mood.TakesFee && value > 1) {
                super._update(from, address(0xFEE), 1);
                value -= 1;
            }
        }
        super._update(from, to, value);
    }
}
