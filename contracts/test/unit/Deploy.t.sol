// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {Deploy} from "../../../script/deploy/Deploy.s.sol";
import {AccessControl} from "../../src/AccessControl.sol";
import {MockUSDC} from "../../src/mocks/MockUSDC.sol";

/// @title SET-05: the deployment script
/// @dev Expects an environment without USDC, ROUTER and the like.
contract DeployTest is Test {
    Deploy private script;
    address private deployer = makeAddr("deployer");

    function setUp() public {
        script = Deploy(vm.deployCode("contracts/out/Deploy.s.sol/Deploy.json"));
    }

    function settingsFor(address who) private pure returns (Deploy.Settings memory) {
        return Deploy.Settings(1 days, who, who, who, who, who, address(0));
    }

    function test_SET05_deploy_wiresAndGivesTheRoles() public {
        Deploy.Settings memory settings = settingsFor(deployer);
        settings.admin = makeAddr("safe");
        settings.router = makeAddr("agent");
        Deploy.Deployment memory deployment = script.deploy(address(script), settings);
        script.check(deployment, settings);

        AccessControl roles = deployment.accessControl;
        assertEq(roles.defaultAdmin(), settings.admin);
        assertEq(roles.defaultAdminDelay(), 1 days);
        // Neither the script nor the deployer keeps what was given to others.
        assertFalse(roles.hasRole(roles.ROUTER_ROLE(), deployer));
        assertFalse(roles.hasRole(roles.DEFAULT_ADMIN_ROLE(), deployer));
        assertFalse(roles.hasRole(roles.DEFAULT_ADMIN_ROLE(), address(script)));
    }

    function test_SET05_check_findsAMissingRole() public {
        Deploy.Settings memory settings = settingsFor(deployer);
        Deploy.Deployment memory deployment = script.deploy(address(script), settings);
        settings.router = makeAddr("somebody else");
        vm.expectRevert(abi.encodeWithSelector(Deploy.WrongRoles.selector, "router", settings.router));
        script.check(deployment, settings);
    }

    function test_SET05_check_findsAWrongAddress() public {
        Deploy.Settings memory settings = settingsFor(deployer);
        Deploy.Deployment memory deployment = script.deploy(address(script), settings);
        address usdc = deployment.usdc;
        deployment.usdc = deployer;
        vm.expectRevert(abi.encodeWithSelector(Deploy.WrongAddress.selector, "Escrow.USDC", deployer, usdc));
        script.check(deployment, settings);
    }

    function test_SET05_usdc_isPlayMoneyOnlyWhereThereIsNone() public {
        uint256[2] memory mocking = [uint256(31337), 99999];
        for (uint256 i = 0; i < mocking.length; ++i) {
            vm.chainId(mocking[i]);
            assertEq(script.readSettings(deployer).usdc, address(0));
        }
        uint256[3] memory others = [uint256(1), 16602, 8453];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.chainId(others[i]);
            vm.expectRevert(abi.encodeWithSelector(Deploy.NoUsdc.selector, others[i]));
            script.readSettings(deployer);
        }
    }

    function test_SET05_usdc_onMainnetIsUsdcE() public {
        vm.chainId(36900);
        address usdc = script.ADI_MAINNET_USDC();
        vm.expectRevert(abi.encodeWithSelector(Deploy.NotAToken.selector, usdc));
        script.readSettings(deployer);
        vm.etch(usdc, hex"00");
        assertEq(script.readSettings(deployer).usdc, usdc);
    }

    function test_SET05_mockUsdc_refusesAdiMainnet() public {
        vm.chainId(36900);
        vm.expectRevert(abi.encodeWithSelector(MockUSDC.RealMoneyChain.selector, 36900));
        new MockUSDC();
    }

    function test_SET05_mockUsdc_hasUsdcsShape() public {
        MockUSDC usdc = new MockUSDC();
        assertEq(usdc.name(), "USD Coin");
        assertEq(usdc.symbol(), "USDC");
        assertEq(usdc.decimals(), 6);
        usdc.mint(deployer, 5);
        assertEq(usdc.balanceOf(deployer), 5);
    }

    /// Sums of 128 bits stay out of reach: else whoever made itself unpayable could keep a job from ending.
    function test_SET05_mockUsdc_printsABillionAtOnce() public {
        MockUSDC usdc = new MockUSDC();
        usdc.mint(deployer, 1e15);
        vm.expectRevert(abi.encodeWithSelector(MockUSDC.MintTooLarge.selector, 1e15 + 1, 1e15));
        usdc.mint(deployer, 1e15 + 1);
    }
}
