import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deployment } from '@necto/contracts';
import type { Address } from 'viem';
import { localAccounts } from './chain/accounts.ts';
import type { RoleUrls } from './database/roles.ts';
import { toJson, writeAtomically } from './files.ts';

/** Where everything is, for people and programs that drive the product. Parts that were not started are missing. */
export interface Ready {
	frontend?: string;
	/** The indexer's API for the public. */
	indexer?: string;
	/** The API of the process that indexes, for the agent. */
	indexing?: string;
	/** The agent's API for the public. */
	agent?: string;
	/** The router's own server, for its operator. */
	router?: string;
	adi: { rpc: string; chainId: number };
	zerog: { rpc: string; chainId: number; indexer: string; flow: Address };
	deployment: Deployment;
	/** Address of the database, with its password. */
	database: string;
	/** The same for the role of each process. */
	databases: RoleUrls;
}

function fileIn(data: string): string {
	return join(data, 'ready.json');
}

/** Says that everything answers. */
export async function writeReady(data: string, ready: Ready): Promise<void> {
	const { deployment, ...rest } = ready;
	const { providerRegistry, jobRegistry, escrow, accessControl, challenge, usdc } = deployment;
	const content = {
		...rest,
		contracts: { providerRegistry, jobRegistry, escrow, accessControl, challenge, usdc },
		accounts: localAccounts(),
	};
	await writeAtomically(fileIn(data), toJson(content));
}

/** Takes the word back. */
export async function removeReady(data: string): Promise<void> {
	await rm(fileIn(data), { force: true });
}
