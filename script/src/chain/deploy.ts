import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Deployment, deploymentSchema } from '@necto/contracts';
import { readIfThere, toJson, writeAtomically } from '../files.ts';
import { root } from '../paths.ts';
import { accounts, keyOf } from './accounts.ts';
import type { LocalChain } from './anvil.ts';
import { build, forge } from './forge.ts';

/** Where Necto's contracts stand on the local chain, and whether they were put there just now. */
export interface Deployed {
	deployment: Deployment;
	file: string;
	isNew: boolean;
}

async function kept(file: string, chain: LocalChain): Promise<Deployment | undefined> {
	const text = await readIfThere(file);
	if (text === undefined) return undefined;
	const parsed = deploymentSchema.safeParse(JSON.parse(text));
	// A file of other contracts than today's: they are deployed anew.
	if (!parsed.success) return undefined;
	const deployment = parsed.data;
	const { accessControl, providerRegistry, jobRegistry, escrow, challenge, usdc } = deployment;
	const codes = await Promise.all(
		[accessControl, providerRegistry, jobRegistry, escrow, challenge, usdc].map((address) =>
			chain.client.getCode({ address }),
		),
	);
	return codes.every((code) => code !== undefined) ? deployment : undefined;
}

/** Finds Necto's contracts on the local chain, or deploys them on a new one with the script that serves every network. */
export async function prepareContracts(chain: LocalChain, data: string, onBuild = () => {}): Promise<Deployed> {
	const chainId = await chain.client.getChainId();
	const file = join(data, 'deployments', `${chainId}.json`);
	const found = await kept(file, chain);
	if (found !== undefined) return { deployment: found, file, isNew: false };
	onBuild();
	await build(data);
	// The script may write below `.necto` of the repository only, wherever the data directory is.
	const draft = join(root, '.necto', 'deployments', `draft-${randomBytes(6).toString('hex')}.json`);
	await writeAtomically(draft, '{}');
	try {
		await forge(
			[
				'script',
				'script/deploy/Deploy.s.sol:Deploy',
				'--rpc-url',
				chain.rpc,
				'--broadcast',
				'--slow',
				'--non-interactive',
			],
			data,
			{
				PRIVATE_KEY: keyOf('deployer'),
				ROUTER: accounts.router.address,
				DEPLOYMENT_FILE: draft,
				// Settings for real networks that the person may have lying around.
				...{ ADMIN: undefined, VERIFIER: undefined, ARBITER: undefined, PAUSER: undefined },
				...{ USDC: undefined, ADMIN_DELAY: undefined },
			},
		);
		const deployment = deploymentSchema.parse(JSON.parse(await readFile(draft, 'utf8')));
		await writeAtomically(file, toJson(deployment), 0o644);
		return { deployment, file, isNew: true };
	} finally {
		await rm(draft, { force: true });
	}
}
