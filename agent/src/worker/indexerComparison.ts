/**
 * The indexer as a second source: it reads the same chain in its own way. Jobs that one of the two has and the other lacks are searched for, or reported.
 */
import { z } from 'zod';
import type { JobRegistry } from '../chain/jobs.ts';
import type { ChainNodes } from '../chain/nodes.ts';
import type { Journal } from '../journal/jobs.ts';
import { SourceError } from '../sources/asking/source.ts';
import { indexedBlock, indexerHttp } from '../sources/necto.ts';

const answerSchema = z.object({
	data: z.object({
		newest: z.object({ totalCount: z.int(), items: z.array(z.object({ id: z.string().regex(/^\d+$/) })) }),
		open: z.object({ items: z.array(z.object({ id: z.string().regex(/^\d+$/) })) }),
	}),
});

/** Open jobs that are compared: the newest. */
const OPEN = 200;
const QUESTION = `{
	newest: jobs(orderBy: "id", orderDirection: "desc", limit: 1) { totalCount items { id } }
	open: jobs(where: {status: "requested"}, orderBy: "id", orderDirection: "desc", limit: ${OPEN}) { items { id } }
}`;

export interface IndexerComparisonOptions {
	indexerUrl: string;
	chainId: number;
	nodes: ChainNodes;
	registry: Pick<JobRegistry, 'count'>;
	journal: Pick<Journal, 'askAgain'>;
	/** Searches for jobs up to an id, if the journal lacks any. */
	expect: (count: bigint) => void;
}

/** What the last comparison showed. */
export interface Comparison {
	/** The indexer's block. */
	block: bigint;
	/** Jobs that the indexer has, and that the chain counts at its block; null where no node still knows that. */
	indexed: bigint;
	counted: bigint | null;
}

export class IndexerComparison {
	readonly #options: IndexerComparisonOptions;
	/** Null before the first comparison. */
	last: Comparison | null = null;

	constructor(options: IndexerComparisonOptions) {
		this.#options = options;
	}

	/** Jobs that the chain counts and the indexer lacks. */
	get indexerLacks(): bigint {
		const { indexed, counted } = this.last ?? { indexed: 0n, counted: null };
		return counted === null || counted <= indexed ? 0n : counted - indexed;
	}

	/** Compares once. Gives the ids of jobs that are open in the indexer, and that the journal held for done: they are processed again. */
	async round(signal: AbortSignal): Promise<bigint[]> {
		const { indexerUrl, chainId, journal, expect } = this.#options;
		const http = indexerHttp(AbortSignal.any([signal, AbortSignal.timeout(10_000)]));
		const before = await indexedBlock(http, indexerUrl, chainId);
		const answer = answerSchema.safeParse(await http.json(`${indexerUrl}/graphql`, { body: { query: QUESTION } }));
		if (!answer.success) throw new SourceError('shape', 'The indexer does not answer with jobs.');
		const { newest, open } = answer.data.data;
		const after = await indexedBlock(http, indexerUrl, chainId);
		// Rows read while a block went by may be of either.
		if (before === after) {
			this.last = { block: after, indexed: BigInt(newest.totalCount), counted: await this.#counted(after) };
		}
		expect(BigInt(newest.items[0]?.id ?? 0));
		return journal.askAgain(open.items.map(({ id }) => BigInt(id)));
	}

	/** Null where no node has the state of that block any more, or has not got it yet. */
	async #counted(blockNumber: bigint): Promise<bigint | null> {
		const { nodes, registry } = this.#options;
		try {
			const block = await nodes.firstOf((client) => client.getBlock({ blockNumber }));
			return block === null ? null : await registry.count(block);
		} catch {
			return null;
		}
	}
}
