import { randomBytes } from 'node:crypto';
import { Indexer, MemData } from '@0gfoundation/0g-ts-sdk';
import { ethers } from 'ethers';
import type { Ready } from '../e2e/product.ts';

const RUNS = 5;
/** A record and its snapshot are of about this size. */
const BYTES = 100_000;

/** The SDK's own upload of one new file, in milliseconds: it waits by asking once a second, and a decision waits for it. */
export async function measureUploads(ready: Ready): Promise<number[]> {
	const key = ready.accounts.stranger?.privateKey;
	if (key === undefined) throw new Error('ready.json has no account stranger');
	const signer = new ethers.Wallet(key, new ethers.JsonRpcProvider(ready.zerog.rpc));
	const indexer = new Indexer(ready.zerog.indexer);
	const figures: number[] = [];
	const { log } = console;
	// The SDK writes thirty lines for every file and has no switch for it.
	console.log = () => {};
	try {
		for (let run = 0; run < RUNS; run++) {
			const began = performance.now();
			// The SDK's types come from ethers' CommonJS half, ours from the other; it is the same class.
			const [, error] = await indexer.upload(new MemData(randomBytes(BYTES)), ready.zerog.rpc, signer as never, {
				taskSize: 64,
			});
			if (error !== null) throw error;
			figures.push(performance.now() - began);
		}
	} finally {
		console.log = log;
	}
	return figures;
}
