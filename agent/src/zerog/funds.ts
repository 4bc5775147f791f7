/** What the storage account can pay for. */
import { type Address, isHex } from 'viem';
import { z } from 'zod';
import { inCoins } from '../chain/funds.ts';
import type { SourceHttp } from '../sources/asking/http.ts';
import { SourceError } from '../sources/asking/source.ts';

/** What one decision costs on 0G: its record and its snapshot, fees and gas (docs/operating.md). In 0G's smallest unit. */
const DECISION_COST = 2_000_000_000_000_000n;

const balanceSchema = z.object({ result: z.string().refine((text) => isHex(text)) });

export interface StorageFunds {
	balance: bigint;
	/** For so many decisions. */
	needed: bigint;
}

/** @param rpcUrl of the 0G chain */
export async function readStorageFunds(
	http: SourceHttp,
	rpcUrl: string,
	address: Address,
	decisions: number,
): Promise<StorageFunds> {
	const body = { jsonrpc: '2.0', id: 1, method: 'eth_getBalance', params: [address, 'latest'] };
	const answer = balanceSchema.safeParse(await http.json(rpcUrl, { body }));
	if (!answer.success) throw new SourceError('shape', 'The 0G chain does not answer with a balance.');
	return { balance: BigInt(answer.data.result), needed: BigInt(decisions) * DECISION_COST };
}

/** What an operator has to do, or null when the balance is enough. */
export function storageAdvice({ balance, needed }: StorageFunds, address: Address, decisions: number): string | null {
	if (balance >= needed) return null;
	return `Send 0G to the storage account ${address}: it has ${inCoins(balance, '0G')}, and storing ${decisions} decisions costs about ${inCoins(needed, '0G')}.`;
}
