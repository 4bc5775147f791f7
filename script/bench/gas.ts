import type { Ready } from '../e2e/product.ts';
import { market } from './market.ts';

/** What one personal job used, step by step, by its receipts. */
export async function measureGas(ready: Ready): Promise<{ step: string; used: number }[]> {
	const { client, request, routed, send } = market(ready);
	const { job, receipt } = await request();
	const route = await client.getTransactionReceipt({ hash: await routed(job) });
	const start = await send('providerB', 'start', job);
	const complete = await send('providerB', 'complete', job);
	const steps = { request: receipt, route, start, complete };
	return Object.entries(steps).map(([step, { gasUsed }]) => ({ step, used: Number(gasUsed) }));
}
