import { chainClient } from '#lib/jobs/chain.ts';
import { type LiveQuery, liveQuery } from '#lib/live/query.svelte.ts';
import type { Runtime } from '#lib/runtime.ts';
import { wallet } from '#lib/wallet/wallet.svelte.ts';
import { type Balances, readBalances } from './balances.ts';

/**
 * The money of the connected person as it stands now; undefined while nobody is connected. Made while a component is set up, like every live query.
 *
 * @param team whose money it is instead, 0 for the person's own
 */
export function liveBalances(runtime: () => Runtime | null, team: () => number = () => 0): LiveQuery<Balances> {
	return liveQuery({
		load: async () => {
			const settings = runtime();
			if (wallet.address === null || settings === null) return undefined;
			return readBalances(chainClient(), settings.deployment, wallet.address, team());
		},
		interest: () => ({ tables: ['escrowEntry'] }),
		// What comes into the wallet from elsewhere is told by no push.
		every: 10_000,
	});
}
