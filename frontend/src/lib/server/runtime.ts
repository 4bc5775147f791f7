import { readFile } from 'node:fs/promises';
import { deploymentSchema, local, settlementChain } from '@necto/contracts';
import { Problem, problemOf } from '#lib/problem.ts';
import type { Runtime } from '#lib/runtime.ts';
import { ADI_BROWSER_RPC_URL, ADI_RPC_URL, NECTO_DEPLOYMENT } from '$app/env/private';

/** The chain's RPC as browsers use it. */
export function browserRpcUrl(): string {
	return ADI_BROWSER_RPC_URL ?? ADI_RPC_URL.split(',')[0]?.trim() ?? ADI_RPC_URL;
}

let known: Runtime | null = null;

/**
 * What browsers must know of this installation; read once it is there, as the contracts may be deployed after this server starts.
 *
 * @throws Problem `deployment_missing` while the contracts' addresses cannot be read
 */
export async function readRuntime(): Promise<Runtime> {
	if (known !== null) return known;
	try {
		const deployment = deploymentSchema.parse(JSON.parse(await readFile(NECTO_DEPLOYMENT, 'utf8')));
		const chain = settlementChain(deployment.chainId);
		known = {
			chainId: chain.id,
			rpcUrl: browserRpcUrl(),
			deployment,
			explorer: chain.blockExplorers?.default.url ?? null,
			local: chain.id === local.id,
		};
		return known;
	} catch (error) {
		// The path and the parser's words are for operators; a page gets the sentence.
		throw new Problem(
			{
				code: 'deployment_missing',
				message: "The contracts' addresses are not known to this server.",
				suggestion: 'Deploy the contracts, or set NECTO_DEPLOYMENT to the JSON file that the deployment wrote.',
			},
			problemOf(error),
		);
	}
}
