// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title A bare ERC-20 ledger whose bad habits the tokens below choose
abstract contract BareToken {
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address, uint256) external pure returns (bool) {
        return true;
    }

    function move(address from, address to, uint256 amount) internal {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @notice Like the old USDT: says nothing when it has done what it was told.
contract SilentToken is BareToken {
    function transfer(address to, uint256 amount) external {
        move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        move(from, to, amount);
    }
}

/// @notice Says no instead of reverting, and moves nothing.
contract RefusingToken is BareToken {
    bool public refuses = true;

    function setRefuses(bool on) external {
        refuses = on;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        if (!refuses) move(msg.sender, to, amount);
        return !refuses;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        if (!refuses) move(from, to, amount);
        return !refuses;
    }
}

/// @notice Takes a hundredth: from what arrives when paid in, on top of what leaves when paid out.
contract FeeToken is BareToken {
    bool public charges = true;

    function setCharges(bool on) external {
        charges = on;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        if (charges) balanceOf[msg.sender] -= amount / 100;
        move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        move(from, to, amount);
        if (charges) balanceOf[to] -= amount / 100;
        return true;
    }
}

/// @notice Says yes and moves nothing.
contract LyingToken is BareToken {
    function transfer(address, uint256) external pure returns (bool) {
        return true;
    }

    function transferFrom(address, address, uint256) external pure returns (bool) {
        return true;
    }
}

/// @notice Like USDC: an issuer's list of those who may not receive.
contract BlocklistToken is BareToken {
    error Blocked(address who);

    mapping(address => bool) public blocked;

    function setBlocked(address who) external {
        blocked[who] = true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        require(!blocked[to], Blocked(to));
        move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        require(!blocked[from], Blocked(from));
        move(from, to, amount);
        return true;
    }
}

/// @notice Calls back, once, in the middle of every transfer.
contract CallingToken is BareToken {
    address private target;
    bytes private data;
    bool private armed;

    /// What the call brought.
    bool public succeeded;
    bytes public answer;

    function arm(address target_, bytes calldata data_) external {
        (target, data, armed) = (target_, data_, true);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        move(msg.sender, to, amount);
        callBack();
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        move(from, to, amount);
        callBack();
        return true;
    }

    function callBack() private {
        if (!armed) return;
        armed = false;
        (succeeded, answer) = target.call(data);
    }
}
