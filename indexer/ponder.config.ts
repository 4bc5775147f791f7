import {
	accessControlAbi,
	challengeAbi,
	escrowAbi,
	jobRegistryAbi,
	local,
	providerRegistryAbi,
} from '@necto/contracts';
import { createConfig } from 'ponder';
import { relayHeads } from './heads.ts';
import { checkedRpc } from './rpc/chain.ts';
import { relayRpc } from './rpc/relay.ts';
import { readSettings, type Settings, SettingsError, schemaFrom } from './settings.ts';
import { dropMarked } from './watch/rebuild.ts';

/** Ends the process with the sentence alone: Ponder would put it into a stack trace with an excerpt of this file. */
function settingsOrEnd(): Settings {
	try {
		return readSettings(process.env);
	} catch (error) {
		if (!(error instanceof SettingsError)) throw error;
		process.stderr.write(`${error.message}\n`);
		process.exit(1);
	}
}

const { deployment, rpcUrls, wsUrl, databaseUrl } = settingsOrEnd();
const isLocal = deployment.chainId === local.id;
const chain = 'adi';
const { startBlock } = deployment;
const rpc = checkedRpc(rpcUrls);

// `ponder serve` reads what another process writes.
if (!process.argv.includes('serve')) {
	await dropMarked(databaseUrl, schemaFrom(process.argv.slice(2), process.env));
}

export default createConfig({
	database: { kind: 'postgres', connectionString: databaseUrl },
	chains: {
		adi: {
			id: deployment.chainId,
			rpc: await relayRpc(rpc, rpcUrls.length),
			...(wsUrl === undefined ? {} : { ws: await relayHeads(wsUrl) }),
			pollingInterval: isLocal ? 250 : 1_000,
			// Every local chain has this id: answers cached from another one would be served as this one's.
			disableCache: isLocal,
		},
	},
	contracts: {
		AccessControl: { chain, abi: accessControlAbi, address: deployment.accessControl, startBlock },
		ProviderRegistry: { chain, abi: providerRegistryAbi, address: deployment.providerRegistry, startBlock },
		JobRegistry: { chain, abi: jobRegistryAbi, address: deployment.jobRegistry, startBlock },
		Escrow: { chain, abi: escrowAbi, address: deployment.escrow, startBlock },
		Challenge: { chain, abi: challengeAbi, address: deployment.challenge, startBlock },
	},
});
