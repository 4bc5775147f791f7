import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localHttp, localZeroG, waitForReceipt } from '@necto/contracts';
import { type Address, createWalletClient, getAddress, isAddress } from 'viem';
import { z } from 'zod';
import { readIfThere, toJson, writeAtomically } from '../files.ts';
import { root } from '../paths.ts';
import { accounts } from './accounts.ts';
import type { LocalChain } from './anvil.ts';
import { build } from './forge.ts';

const fileSchema = z.object({ chainId: z.int(), flow: z.string().refine((text) => isAddress(text)) });
const artifactSchema = z.object({
	// The pattern checks what the type says.
	bytecode: z.object({ object: z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]+$/)]) }),
});

/** Finds the Flow contract of the local 0G chain, or deploys it on a new chain. */
export async function prepareFlow(chain: LocalChain, data: string): Promise<Address> {
	const file = join(data, 'deployments', `${localZeroG.id}.json`);
	const kept = await readIfThere(file);
	if (kept !== undefined) {
		const { flow } = fileSchema.parse(JSON.parse(kept));
		if ((await chain.client.getCode({ address: getAddress(flow) })) !== undefined) return getAddress(flow);
	}
	await build(data);
	const artifact: unknown = JSON.parse(
		await readFile(join(root, 'contracts/out/LocalFlow.sol/LocalFlow.json'), 'utf8'),
	);
	const wallet = createWalletClient({ account: accounts.deployer, chain: localZeroG, transport: localHttp(chain.rpc) });
	const hash = await wallet.deployContract({ abi: [], bytecode: artifactSchema.parse(artifact).bytecode.object });
	const { contractAddress } = await waitForReceipt(chain.client, hash);
	if (contractAddress === null || contractAddress === undefined) throw new Error('The Flow contract was not deployed.');
	const flow = getAddress(contractAddress);
	await writeAtomically(file, toJson({ chainId: localZeroG.id, flow }), 0o644);
	return flow;
}
