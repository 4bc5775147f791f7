/** What the router's account can pay for. */
import { type Address, BaseError, formatUnits } from 'viem';
import type { ChainClient } from './clients.ts';

/** Gas of one `route` with its calldata, and a margin above the contracts' gas snapshots. */
const ROUTE_GAS = 250_000n;

/** An account cannot pay for its transaction. The message stays the same while only amounts change; `detail` has the amounts. */
export class NoFundsError extends Error {
	override name = 'NoFundsError';
	readonly detail: string;

	constructor(message: string, detail: string, options?: ErrorOptions) {
		super(message, options);
		this.detail = detail;
	}
}

/** Amounts in the chain's smallest unit (wei). */
export interface Funds {
	balance: bigint;
	/** For so many routes at the present gas price. */
	needed: bigint;
}

/** An amount of a native coin for people, with six digits after the point at most: "0.000123 ADI". */
export function inCoins(wei: bigint, symbol: string): string {
	const [whole = '0', fraction = ''] = formatUnits(wei, 18).split('.');
	const digits = fraction.slice(0, 6).replace(/0+$/, '');
	if (wei > 0n && whole === '0' && digits === '') return `less than 0.000001 ${symbol}`;
	return `${whole}${digits === '' ? '' : `.${digits}`} ${symbol}`;
}

/** The router's balance, and what a number of routes can cost at the present gas price. */
export async function readRouterFunds(client: ChainClient, router: Address, routes: number): Promise<Funds> {
	const [balance, { maxFeePerGas }] = await Promise.all([
		client.getBalance({ address: router }),
		client.estimateFeesPerGas(),
	]);
	return { balance, needed: BigInt(routes) * ROUTE_GAS * maxFeePerGas };
}

/** What an operator has to do, or null when the balance is enough. */
export function gasAdvice({ balance, needed }: Funds, router: Address, routes: number, symbol: string): string | null {
	if (balance >= needed) return null;
	return `Send ${symbol} to the router's account ${router}: it has ${inCoins(balance, symbol)}, and ${routes} routes cost up to ${inCoins(needed, symbol)} at the present gas price.`;
}

/** @throws NoFundsError when the balance does not cover one transaction */
export function mustAfford(balance: bigint, cost: bigint, router: Address, symbol: string): void {
	if (balance >= cost) return;
	throw new NoFundsError(
		`The router account ${router} has too little ${symbol} for gas. The operator has to fund it.`,
		`It has ${inCoins(balance, symbol)}; the transaction can cost up to ${inCoins(cost, symbol)}. It is sent automatically once the balance suffices.`,
	);
}

/** The most that one `route` can cost now. */
export async function routeCost(client: ChainClient): Promise<bigint> {
	const { maxFeePerGas } = await client.estimateFeesPerGas();
	return ROUTE_GAS * maxFeePerGas;
}

/** Whether a node refused a call or transaction because its sender cannot pay for it. */
export function isInsufficientFunds(error: unknown): boolean {
	if (!(error instanceof BaseError)) return false;
	const found = error.walk(
		(inner) =>
			inner instanceof Error &&
			(inner.name === 'InsufficientFundsError' ||
				/insufficient (funds|balance)|exceeds the balance of the account/i.test(
					inner instanceof BaseError ? `${inner.shortMessage} ${inner.details}` : inner.message,
				)),
	);
	return found !== null;
}
