import type { Row } from './row.ts';

export const INTEL: readonly Row[] = [
	['max1550', 'Data Center GPU Max 1550', 'oam:128', 'gpumax1550'],
	['max1100', 'Data Center GPU Max 1100', 'pcie:48', 'gpumax1100'],
	['flex170', 'Data Center GPU Flex 170', 'pcie:16', 'gpuflex170'],
	['flex140', 'Data Center GPU Flex 140', 'pcie:12', 'gpuflex140'],
	['arcprob60', 'Arc Pro B60', 'pcie:24'],
	['arcprob50', 'Arc Pro B50', 'pcie:16'],
	['arcproa60', 'Arc Pro A60', 'pcie:12'],
	// Not Nvidia's A40.
	['arcproa40', 'Arc Pro A40', 'pcie:6'],
	['arcb580', 'Arc B580', 'pcie:12'],
	['arcb570', 'Arc B570', 'pcie:10'],
	['arca770', 'Arc A770', 'pcie:8,16'],
	['arca750', 'Arc A750', 'pcie:8'],
	['arca580', 'Arc A580', 'pcie:8'],
	['arca380', 'Arc A380', 'pcie:6'],
];
