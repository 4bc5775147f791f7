// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice An ERC-1271 wallet that accepts the digests that it was told to, whatever the signature.
contract Wallet {
    mapping(bytes32 digest => bool) public accepts;

    function accept(bytes32 digest) external {
        accepts[digest] = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return accepts[digest] ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @notice A contract that answers everything with a revert.
contract RevertingWallet {
    error No();

    fallback() external {
        revert No();
    }
}
