/** The one view of the chain that this process has: Ponder's questions and the watch share what is known of the newest block. */
import { CheckedRpc } from './checked.ts';
import { httpUpstream } from './upstream.ts';

const STORE = Symbol.for('necto.indexer.rpc');

/** Ponder loads its configuration and the API apart from each other: what both use stands where both find it. */
export function checkedRpc(urls: readonly string[]): CheckedRpc {
	const shared = globalThis as { [STORE]?: CheckedRpc };
	shared[STORE] ??= new CheckedRpc(urls.map((url) => httpUpstream(url)));
	return shared[STORE];
}
