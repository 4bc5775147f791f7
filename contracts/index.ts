/**
 * The contracts' face to TypeScript: ABIs, enums, accounts, texts, chains and addresses. Runs in browsers too: nothing of Node in here.
 */
import { accessControlAbi } from './abi/accessControl.ts';
import { challengeAbi } from './abi/challenge.ts';
import { escrowAbi } from './abi/escrow.ts';
import { jobRegistryAbi } from './abi/jobRegistry.ts';
import { mockUsdcAbi } from './abi/mockUsdc.ts';
import { providerRegistryAbi } from './abi/providerRegistry.ts';

export { accessControlAbi, challengeAbi, escrowAbi, jobRegistryAbi, mockUsdcAbi, providerRegistryAbi };

/**
 * Every item of the five contracts and the token. For reading errors: a call to one contract can revert inside another, and its own ABI
 * then does not know the error.
 */
export const allAbis = [
	...accessControlAbi,
	...escrowAbi,
	...providerRegistryAbi,
	...jobRegistryAbi,
	...challengeAbi,
	...mockUsdcAbi,
] as const;

export { accountOf, accountOfTeam, holderOf } from './ts/account.ts';
export { type BlockLog, type BloomedBlock, hasBloom, isWhole, mayHold } from './ts/blockLogs.ts';
export { chainReader } from './ts/chainReader.ts';
export {
	adi,
	adiTestnet,
	local,
	localHttp,
	localZeroG,
	settlementChain,
	settlementChains,
	zeroGGalileo,
	zeroGMainnet,
} from './ts/chains.ts';
export { type Deployment, deploymentSchema } from './ts/deployment.ts';
export {
	type EnumTable,
	type JobStatus,
	jobStatus,
	nameOf,
	namesOf,
	type ReopenReason,
	reopenReason,
	type TeamRole,
	teamRole,
} from './ts/enums.ts';
export { gasInNextBlock } from './ts/gas.ts';
export { waitForReceipt } from './ts/receipt.ts';
export { readRequester } from './ts/requester.ts';
export {
	decodeBytes16,
	decodeCountries,
	decodeCountry,
	decodeToken,
	encodeBytes16,
	encodeCountries,
	encodeCountry,
	encodeToken,
} from './ts/text.ts';
