// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Script} from "forge-std/Script.sol";

import {AccessControl} from "../../contracts/src/AccessControl.sol";
import {Challenge} from "../../contracts/src/Challenge.sol";
import {Escrow} from "../../contracts/src/Escrow.sol";
import {JobRegistry} from "../../contracts/src/JobRegistry.sol";
import {ProviderRegistry} from "../../contracts/src/ProviderRegistry.sol";
import {MockUSDC} from "../../contracts/src/mocks/MockUSDC.sol";

/// @title Deploys all of Necto's contracts and writes down where they are
/// @notice `forge script script/deploy/Deploy.s.sol --rpc-url URL --broadcast`, with the deployer's key in PRIVATE_KEY.
///
/// Settings from the environment, all optional but the key:
/// - PRIVATE_KEY: the deployer's key. It keeps no power unless it is named below or left as the default.
/// - ADMIN, ROUTER, VERIFIER, ARBITER, PAUSER: who holds each role; the deployer by default.
/// - ADMIN_DELAY: seconds between a change of the administrator and its effect; a day by default.
/// - USDC: the token. By default a MockUSDC is deployed on chain 31337 and 99999, and USDC.e is used on 36900.
/// - DEPLOYMENT_FILE: where the addresses go; `.necto/deployments/<chain id>.json` by default.
///
/// Plain CREATE: the addresses need no helper contract that a chain may lack.
contract Deploy is Script {
    error NoUsdc(uint256 chainId);
    error NotAToken(address usdc);
    error WrongRoles(string role, address expected);
    error WrongAddress(string what, address expected, address found);

    /// USDC.e on ADI's mainnet.
    address public constant ADI_MAINNET_USDC = 0x9cb8142aEBBcdc60AF7c97Af897A67A8f3CA71C2;
    uint256 private constant ADI_MAINNET = 36900;
    uint256 private constant ADI_TESTNET = 99999;
    uint256 private constant LOCAL = 31337;

    struct Settings {
        uint48 adminDelay;
        address admin;
        address router;
        address verifier;
        address arbiter;
        address pauser;
        /// Zero asks for a MockUSDC.
        address usdc;
    }

    struct Deployment {
        AccessControl accessControl;
        ProviderRegistry providerRegistry;
        JobRegistry jobRegistry;
        Escrow escrow;
        Challenge challenge;
        address usdc;
    }

    function run() external returns (Deployment memory deployment) {
        uint256 key = vm.envUint("PRIVATE_KEY");
        address deployer = vm.addr(key);
        uint256 startBlock = block.number;
        Settings memory settings = readSettings(deployer);

        vm.startBroadcast(key);
        deployment = deploy(deployer, settings);
        vm.stopBroadcast();

        check(deployment, settings);
        write(deployment, startBlock);
    }

    /// @notice The settings that the environment gives, with the defaults that depend on the deployer and the chain.
    function readSettings(address deployer) public view returns (Settings memory settings) {
        settings.adminDelay = uint48(vm.envOr("ADMIN_DELAY", uint256(1 days)));
        settings.admin = vm.envOr("ADMIN", deployer);
        settings.router = vm.envOr("ROUTER", deployer);
        settings.verifier = vm.envOr("VERIFIER", deployer);
        settings.arbiter = vm.envOr("ARBITER", deployer);
        settings.pauser = vm.envOr("PAUSER", deployer);
        settings.usdc = vm.envOr("USDC", defaultUsdc());
        bool mayMock = block.chainid == LOCAL || block.chainid == ADI_TESTNET;
        require(settings.usdc != address(0) || mayMock, NoUsdc(block.chainid));
        require(settings.usdc == address(0) || settings.usdc.code.length > 0, NotAToken(settings.usdc));
    }

    /// @notice Deploys in the order of the addresses that the contracts are told. Call inside a broadcast or prank of `deployer`.
    function deploy(address deployer, Settings memory settings) public returns (Deployment memory deployment) {
        deployment.usdc = settings.usdc == address(0) ? address(new MockUSDC()) : settings.usdc;
        uint64 nonce = vm.getNonce(deployer);
        address jobRegistry = vm.computeCreateAddress(deployer, nonce + 2);
        address escrow = vm.computeCreateAddress(deployer, nonce + 3);
        address challenge = vm.computeCreateAddress(deployer, nonce + 4);

        deployment.accessControl = new AccessControl(
            jobRegistry, settings.adminDelay, settings.admin, settings.router, settings.verifier, settings.arbiter, settings.pauser
        );
        address accessControl = address(deployment.accessControl);
        deployment.providerRegistry = new ProviderRegistry(jobRegistry, accessControl);
        address providerRegistry = address(deployment.providerRegistry);
        deployment.jobRegistry = new JobRegistry(escrow, providerRegistry, accessControl, challenge);
        deployment.escrow = new Escrow(deployment.usdc, jobRegistry, accessControl, challenge);
        deployment.challenge = new Challenge(jobRegistry, providerRegistry, escrow);
    }

    /// @notice Reverts unless every contract points at the others and each role is where it was asked to be.
    function check(Deployment memory deployment, Settings memory settings) public view {
        address jobRegistry = address(deployment.jobRegistry);
        address accessControl = address(deployment.accessControl);
        _same("ProviderRegistry.JOB_REGISTRY", jobRegistry, deployment.providerRegistry.JOB_REGISTRY());
        _same("JobRegistry.ESCROW", address(deployment.escrow), deployment.jobRegistry.ESCROW());
        _same("JobRegistry.PROVIDER_REGISTRY", address(deployment.providerRegistry), deployment.jobRegistry.PROVIDER_REGISTRY());
        _same("JobRegistry.ACCESS_CONTROL", accessControl, deployment.jobRegistry.ACCESS_CONTROL());
        _same("Escrow.JOB_REGISTRY", jobRegistry, deployment.escrow.JOB_REGISTRY());
        _same("Escrow.ACCESS_CONTROL", accessControl, deployment.escrow.ACCESS_CONTROL());
        _same("Escrow.USDC", deployment.usdc, deployment.escrow.USDC());
        _same("ProviderRegistry.ACCESS_CONTROL", accessControl, deployment.providerRegistry.ACCESS_CONTROL());
        _same("AccessControl.JOB_REGISTRY", jobRegistry, deployment.accessControl.JOB_REGISTRY());
        address challenge = address(deployment.challenge);
        _same("JobRegistry.CHALLENGE", challenge, deployment.jobRegistry.CHALLENGE());
        _same("Escrow.CHALLENGE", challenge, deployment.escrow.CHALLENGE());
        _same("Challenge.JOB_REGISTRY", jobRegistry, deployment.challenge.JOB_REGISTRY());
        _same("Challenge.PROVIDER_REGISTRY", address(deployment.providerRegistry), deployment.challenge.PROVIDER_REGISTRY());
        _same("Challenge.ESCROW", address(deployment.escrow), deployment.challenge.ESCROW());

        AccessControl roles = deployment.accessControl;
        _same("AccessControl.defaultAdmin", settings.admin, roles.defaultAdmin());
        require(roles.hasRole(roles.ROUTER_ROLE(), settings.router), WrongRoles("router", settings.router));
        require(roles.hasRole(roles.VERIFIER_ROLE(), settings.verifier), WrongRoles("verifier", settings.verifier));
        require(roles.hasRole(roles.ARBITER_ROLE(), settings.arbiter), WrongRoles("arbiter", settings.arbiter));
        require(roles.hasRole(roles.PAUSER_ROLE(), settings.pauser), WrongRoles("pauser", settings.pauser));
    }

    /// @notice Writes the addresses to DEPLOYMENT_FILE, in the shape that `deploymentSchema` of `contracts/index.ts` reads.
    function write(Deployment memory deployment, uint256 startBlock) public {
        string memory usual = string.concat(".necto/deployments/", vm.toString(block.chainid), ".json");
        string memory path = vm.envOr("DEPLOYMENT_FILE", usual);
        vm.createDir(_folder(path), true);

        string memory json = "deployment";
        vm.serializeUint(json, "chainId", block.chainid);
        vm.serializeUint(json, "startBlock", startBlock);
        vm.serializeAddress(json, "accessControl", address(deployment.accessControl));
        vm.serializeAddress(json, "providerRegistry", address(deployment.providerRegistry));
        vm.serializeAddress(json, "jobRegistry", address(deployment.jobRegistry));
        vm.serializeAddress(json, "escrow", address(deployment.escrow));
        vm.serializeAddress(json, "challenge", address(deployment.challenge));
        vm.writeJson(vm.serializeAddress(json, "usdc", deployment.usdc), path);
    }

    /// @notice The token that is used when USDC names none; zero where there is none.
    function defaultUsdc() public view returns (address) {
        return block.chainid == ADI_MAINNET ? ADI_MAINNET_USDC : address(0);
    }

    function _same(string memory what, address expected, address found) private pure {
        require(expected == found, WrongAddress(what, expected, found));
    }

    function _folder(string memory path) private pure returns (string memory) {
        bytes memory characters = bytes.concat(bytes(path));
        uint256 end = characters.length;
        while (end > 0 && characters[end - 1] != "/") --end;
        if (end == 0) return ".";
        // Only shortens the copy in memory.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(characters, end)
        }
        return string(characters);
    }
}
