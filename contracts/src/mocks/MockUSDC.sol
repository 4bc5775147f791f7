// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";

/// @title Play money in USDC's shape, for local chains and ADI's testnet, which has no USDC
contract MockUSDC is ERC20, ERC20Permit, ERC3009 {
    /// ADI's mainnet has a real USDC: money that anyone can print must not stand beside it.
    error RealMoneyChain(uint256 chainId);
    /// More at once than there will ever be of the real one.
    error MintTooLarge(uint256 amount, uint256 maximum);

    uint256 private constant ADI_MAINNET = 36900;
    /// A billion dollars: sums of 128 bits, as the Escrow keeps them, stay out of reach.
    uint256 private constant MAX_MINT = 1e15;

    constructor() ERC20("USD Coin", "USDC") ERC20Permit("USD Coin") {
        require(block.chainid != ADI_MAINNET, RealMoneyChain(block.chainid));
    }

    /// @notice Prints `amount` micro-USDC for `to`, at most a billion dollars at once. Anyone may.
    function mint(address to, uint256 amount) external {
        require(amount <= MAX_MINT, MintTooLarge(amount, MAX_MINT));
        _mint(to, amount);
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
