/** An indexer with rows of its own: `/status`, the listings query, and the live line. */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { type Fake, fakeServer, sendJson } from './http.ts';

const questionSchema = z.object({
	variables: z
		.object({
			owners: z.array(z.string()).optional(),
			buyer: z.string().optional(),
			ids: z.array(z.int()).optional(),
			providers: z.array(z.int()).optional(),
		})
		.optional(),
});

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
		tiers: '[]',
		ruleAttestations: 0,
		allowListOnly: false,
		provider: { owner: `0x${'AB'.repeat(20)}`, name: 'Test hall', jobsCompleted: 4, jobsFailed: 1, jobsDisputed: 0 },
		...changes,
	};
}

export interface FakeIndexer extends Fake {
	block: number;
	rows: unknown[];
	/** Of everybody: the questions name whom they mean. */
	attestations: { subject: string; kind: string; expiresAt: string }[];
	allowedBuyers: { providerId: number; buyer: string }[];
	broken: boolean;
	/** Says on the live line that listings changed. */
	tellLive(): void;
}

export async function fakeIndexer(chainId = 31337): Promise<FakeIndexer> {
	const lines = new Set<ServerResponse>();
	const state: Omit<FakeIndexer, keyof Fake> = {
		block: 10,
		rows: [listingRow()],
		attestations: [],
		allowedBuyers: [],
		broken: false,
		tellLive: () => {
			for (const line of lines) line.write('data: {"tables":["listing"]}\n\n');
		},
	};
	const fake = await fakeServer((request, response, body) => {
		if (state.broken) return sendJson(response, 'no', 500);
		if (request.url === '/status') {
			return sendJson(response, { adi: { id: chainId, block: { number: state.block, timestamp: 1_790_000_000 } } });
		}
		if (request.url?.startsWith('/live') === true) {
			response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n');
			lines.add(response);
			return;
		}
		const { variables = {} } = questionSchema.parse(JSON.parse(body));
		const named = [variables.owners ?? [], variables.buyer ?? []].flat();
		const { ids, providers } = variables;
		// As the real one, which answers with no more rows than that.
		if ((ids ?? providers ?? []).length > 1_000) return sendJson(response, 'no', 500);
		const isAsked = z.object({ id: z.int().refine((id) => ids?.includes(id)) });
		const rows = ids === undefined ? state.rows : state.rows.filter((row) => isAsked.safeParse(row).success);
		sendJson(response, {
			data: {
				listings: { items: rows, pageInfo: { hasNextPage: false, endCursor: null } },
				attestations: {
					items: state.attestations.filter(({ subject }) => named.includes(subject)),
					pageInfo: { hasNextPage: false, endCursor: null },
				},
				allowedBuyers: {
					items: state.allowedBuyers
						.filter(({ buyer }) => named.includes(buyer))
						.filter(({ providerId }) => providers === undefined || providers.includes(providerId)),
				},
			},
		});
	});
	return Object.assign(state, fake);
}
