/// <reference lib="webworker" />
/** Verifies apart from the page: reading and hashing megabytes of files would stop it for seconds. */
import { chainReader, settlementChain } from '@necto/contracts';
import { createPublicClient, fallback, http } from 'viem';
import { explain } from '#lib/wallet/explain.ts';
import type { VerifyMessage, VerifyTask } from './task.ts';
import { verifyDecision } from './verify.service.ts';

// Workers and pages have different globals of one name; TypeScript knows the page's.
declare const self: DedicatedWorkerGlobalScope;

/** Calls in one request: a registry takes some for each listing. */
const BATCH = 100;

async function run({ chainId, rpcUrl, providerRegistry, escrow, file, ...query }: VerifyTask): Promise<void> {
	const send = (message: VerifyMessage) => self.postMessage(message);
	try {
		// An RPC that takes no batches is asked one by one.
		const transport = fallback([http(rpcUrl, { batch: { batchSize: BATCH } }), http(rpcUrl)]);
		const client = createPublicClient({ chain: settlementChain(chainId), transport });
		const reader = chainReader(client, { ...query, providerRegistry, escrow });
		const result = await verifyDecision({ ...query, reader }, file, (progress) => send({ kind: 'progress', progress }));
		send({ kind: 'done', result });
	} catch (error) {
		const { code, message, suggestion, requestId } = explain(error);
		send({ kind: 'failed', problem: { code, message, suggestion, requestId } });
	}
}

self.addEventListener('message', ({ data }: MessageEvent<VerifyTask>) => void run(data));
