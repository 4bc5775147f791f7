/** Signed transactions: stored before they are sent, followed until they are in a block. */
import type { Pool } from 'pg';
import { type Address, type Hex, isHex, parseTransaction } from 'viem';

export type TransactionPurpose = 'route' | 'split' | 'expire' | 'complete' | 'resolve';

export interface StoredTransaction {
	sender: Address;
	purpose: TransactionPurpose;
	jobId: bigint;
	nonce: number;
	hash: Hex;
	/** Lacks the requester's address if `hidden`. */
	raw: Hex;
	/** Whether the requester's address was taken out: an untracked job's is written down nowhere. */
	hidden: boolean;
	/** Hashes of earlier copies with the same nonce and lower fees: any of them may be the one that gets into a block. */
	copies: readonly Hex[];
	/** What the raw bytes say, for raising the fee; `data` too lacks what is hidden. */
	call: { to: Address; data: Hex; gas: bigint; maxFeePerGas: bigint; maxPriorityFeePerGas: bigint };
}

export class Transactions {
	readonly deployment: string;
	readonly #pool: Pool;

	constructor(pool: Pool, deployment: string) {
		this.#pool = pool;
		this.deployment = deployment;
	}

	async store(transaction: StoredTransaction): Promise<void> {
		await this.#pool.query(
			`INSERT INTO agent.transaction (deployment, sender, purpose, job, nonce, hash, raw, hidden) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (hash) DO NOTHING`,
			[
				this.deployment,
				transaction.sender.toLowerCase(),
				transaction.purpose,
				transaction.jobId,
				transaction.nonce,
				transaction.hash,
				transaction.raw,
				transaction.hidden,
			],
		);
	}

	/** Transactions of a key that are not known to be in a block, in the order of their nonces; of several with one nonce the newest. */
	async open(sender: Address): Promise<StoredTransaction[]> {
		const { rows } = await this.#pool.query<{
			purpose: TransactionPurpose;
			job: string;
			nonce: string;
			hash: string;
			raw: string;
			hidden: boolean;
		}>(
			`SELECT purpose, job, nonce, hash, raw, hidden FROM agent.transaction
			WHERE deployment = $1 AND sender = $2 AND state = 'signed' ORDER BY nonce, id DESC`,
			[this.deployment, sender.toLowerCase()],
		);
		const newest = rows.filter((row, index) => rows[index - 1]?.nonce !== row.nonce);
		return newest.map((row) => {
			if (!isHex(row.raw) || !isHex(row.hash))
				throw new Error(`The journal's transaction for job ${row.job} is damaged.`);
			const { to, data = '0x', gas, maxFeePerGas, maxPriorityFeePerGas } = parseTransaction(row.raw);
			if (to == null || gas === undefined || maxFeePerGas === undefined) {
				throw new Error(`The journal's transaction for job ${row.job} is damaged.`);
			}
			return {
				sender,
				purpose: row.purpose,
				jobId: BigInt(row.job),
				nonce: Number(row.nonce),
				hash: row.hash,
				raw: row.raw,
				hidden: row.hidden,
				copies: rows
					.filter((other) => other.nonce === row.nonce && isHex(other.hash))
					.map((other): Hex => `0x${other.hash.slice(2)}`),
				call: { to, data, gas, maxFeePerGas, maxPriorityFeePerGas: maxPriorityFeePerGas ?? 0n },
			};
		});
	}

	/** Ends a nonce: the transaction that made it gets `state`, its copies with other fees are lost. */
	async settle(transaction: StoredTransaction, made: Hex | null, state: 'mined' | 'reverted' | 'lost'): Promise<void> {
		await this.#pool.query(
			`UPDATE agent.transaction SET state = CASE WHEN hash = $4 THEN $5 ELSE 'lost' END
			WHERE deployment = $1 AND sender = $2 AND nonce = $3 AND state = 'signed'`,
			[this.deployment, transaction.sender.toLowerCase(), transaction.nonce, made, state],
		);
	}
}
