import { defineEnvVars } from '@sveltejs/kit/env';
import { z } from 'zod';
import { building, dev } from '$app/env';

/**
 * A setting that a server must be given. Only `vite dev` and the build, which sends no requests, default to the local network's addresses:
 * a server with such a default would show the data of any other installation on this machine.
 *
 * @param what the end of "NAME is missing: set it to …"
 */
function needed(what: string, local: string, schema: z.ZodType<string, string> = z.string().min(1)) {
	const checked = z.string({ error: `is missing: set it to ${what}` }).pipe(schema);
	return dev || building ? checked.default(local) : checked;
}

const baseUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' });

/** Settings, read when the server starts (PORT and HOST are the adapter's own). Nothing here may reach the browser by itself. */
export const variables = defineEnvVars({
	AGENT_URL: {
		schema: needed("the URL of the agent's public API.", 'http://127.0.0.1:4000', baseUrl),
		description: "The routing agent's HTTP API.",
	},
	INDEXER_URL: {
		schema: needed("the URL of the indexer's public API.", 'http://127.0.0.1:4100', baseUrl),
		description: 'The indexer.',
	},
	ZEROG_INDEXER_URL: {
		schema: needed("the URL of 0G's storage indexer.", 'http://127.0.0.1:5678', baseUrl),
		description: "0G's storage indexer, from which records are fetched by root.",
	},
	ADI_RPC_URL: {
		schema: needed("the URL of the settlement chain's RPC.", 'http://127.0.0.1:8545'),
		description: 'RPC of the settlement chain; the first of a comma separated list is told to browsers.',
	},
	ADI_BROWSER_RPC_URL: {
		schema: z.url().optional(),
		description: 'RPC that browsers use instead, for when ADI_RPC_URL holds a key or an address only servers reach.',
	},
	NECTO_DEPLOYMENT: {
		schema: needed('the path of the deployment file that the deploy script wrote.', '../.necto/deployment.json'),
		description: "Path of the JSON file with the contracts' addresses.",
	},
});
