/** An indexer with rows of its own: `/status` and the listings query. */
import { type Fake, fakeServer, sendJson } from './http.ts';

export function listingRow(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		id: 1,
		providerId: 1,
		kind: 'own',
		gpuModel: 'h100',
		memoryGiB: 80,
		formFactor: 'sxm',
		total: 8,
		widest: 8,
		reserved: 2,
		offline: false,
		continent: 'europe',
		country: 'DE',
		region: 'Frankfurt, DE',
		network: '',
		name: 'Hall 1',
		vcpus: 8,
		ramGiB: 64,
		diskGiB: 0,
		pricingModel: 'fixed',
		rate: '2490000',
		floor: '0',
		ceiling: '0',
		tokenAmount: '0',
		token: '',
		availableFrom: '0',
		availableUntil: '0',
		version: 3,
		provider: { owner: `0x${'AB'.repeat(20)}`, name: 'Test hall' },
		...changes,
	};
}

export interface FakeIndexer extends Fake {
	block: number;
	rows: unknown[];
	broken: boolean;
}

export async function fakeIndexer(chainId = 31337): Promise<FakeIndexer> {
	const state = { block: 10, rows: [listingRow()] as unknown[], broken: false };
	const fake = await fakeServer((request, response) => {
		if (state.broken) return sendJson(response, 'no', 500);
		if (request.url === '/status') {
			return sendJson(response, { adi: { id: chainId, block: { number: state.block, timestamp: 1_790_000_000 } } });
		}
		sendJson(response, {
			data: { listings: { items: state.rows, pageInfo: { hasNextPage: false, endCursor: null } } },
		});
	});
	return Object.assign(state, fake);
}
