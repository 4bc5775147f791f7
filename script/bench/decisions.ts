import type { Ready } from '../e2e/product.ts';
import { market } from './market.ts';

const RUNS = 7;

/** From the receipt of a request to the block that routes it, in milliseconds. The first one warms the agent up and does not count. */
export async function measureDecisions(ready: Ready): Promise<number[]> {
	const { request, routed, send } = market(ready);
	const figures: number[] = [];
	for (let run = 0; run <= RUNS; run++) {
		const { job } = await request();
		const began = performance.now();
		await routed(job);
		if (run > 0) figures.push(performance.now() - began);
		await send('providerB', 'start', job);
		await send('providerB', 'complete', job);
	}
	return figures;
}
