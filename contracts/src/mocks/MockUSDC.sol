// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";

/// @title Play money in USDC's shape, for local chains and ADI's testnet, which has no USDC
contract MockUSDC is ERC20, ERC20Permit, ERC3009 {
    /// ADI's mainnet has a real USDC: money that anyone can print must not stand beside it.
    error RealMoneyChain(uint256 chainId);

    uint256 private constant ADI_MAINNET = 36900;

    constructor() ERC20("USD Coin", "USDC") ERC20Permit("USD Coin") {
        require(block.chainid != ADI_MAINNET, RealMoneyChain(block.chainid));
    }

    /// @notice Prints `amount` micro-USDC for `to`. Anyone may.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
