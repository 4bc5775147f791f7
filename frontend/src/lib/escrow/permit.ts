/** ERC-2612: a signature that lets the Escrow take USDC in the very transaction that needs it, so that no approval has to be mined before. */
import { mockUsdcAbi } from '@necto/contracts';
import { type Address, domainSeparator, type Hex, type PublicClient, parseAbi, parseSignature, zeroHash } from 'viem';
import type { Runtime } from '#lib/runtime.ts';

/** `Funding` of `contracts/src/interfaces/IEscrow.sol` as viem takes it. */
export interface Funding {
	readonly method: number;
	/** Micro-USDC. */
	readonly amount: bigint;
	readonly validAfter: bigint;
	/** Unix seconds. */
	readonly validBefore: bigint;
	readonly salt: Hex;
	readonly v: number;
	readonly r: Hex;
	readonly s: Hex;
}

/** `FundingMethod` of the same file. */
const METHOD = { allowance: 0, permit: 1 } as const;

/** Long enough to find the wallet's window, short enough that a signature left behind is soon worth nothing. Seconds. */
const PERMIT_LASTS = 3_600n;

/** Money that the Escrow may take already. */
export function byAllowance(amount: bigint): Funding {
	const none = { validAfter: 0n, validBefore: 0n, salt: zeroHash, v: 0, r: zeroHash, s: zeroHash };
	return { method: METHOD.allowance, amount, ...none };
}

/** EIP-712 data to be signed. */
export interface PermitData {
	readonly domain: {
		readonly name: string;
		readonly version: string;
		readonly chainId: number;
		readonly verifyingContract: Address;
	};
	readonly types: typeof PERMIT_TYPES;
	readonly primaryType: 'Permit';
	readonly message: {
		readonly owner: Address;
		readonly spender: Address;
		readonly value: bigint;
		readonly nonce: bigint;
		readonly deadline: bigint;
	};
}

const PERMIT_TYPES = {
	Permit: [
		{ name: 'owner', type: 'address' },
		{ name: 'spender', type: 'address' },
		{ name: 'value', type: 'uint256' },
		{ name: 'nonce', type: 'uint256' },
		{ name: 'deadline', type: 'uint256' },
	],
} as const;

type Reader = Pick<PublicClient, 'readContract' | 'getBlock'>;

/**
 * What `person` has to sign for the Escrow to take `amount`; null when the token has no permit whose words are known here. The token's own domain
 * separator decides: a signature for another domain would only fail later.
 */
export async function permitData(
	client: Reader,
	{ usdc, escrow, chainId }: Runtime['deployment'],
	person: Address,
	amount: bigint,
): Promise<PermitData | null> {
	const token = { address: usdc, abi: mockUsdcAbi } as const;
	try {
		const [name, separator, nonce, version, block] = await Promise.all([
			client.readContract({ ...token, functionName: 'name' }),
			client.readContract({ ...token, functionName: 'DOMAIN_SEPARATOR' }),
			client.readContract({ ...token, functionName: 'nonces', args: [person] }),
			// Circle's USDC has `version()`; OpenZeppelin's permit is always of version 1.
			client
				.readContract({
					address: usdc,
					abi: parseAbi(['function version() view returns (string)']),
					functionName: 'version',
				})
				.catch(() => '1'),
			client.getBlock(),
		]);
		const domain = { name, version, chainId, verifyingContract: usdc };
		if (domainSeparator({ domain }) !== separator) return null;
		return {
			domain,
			types: PERMIT_TYPES,
			primaryType: 'Permit',
			// By the chain's clock, which may not be this machine's.
			message: { owner: person, spender: escrow, value: amount, nonce, deadline: block.timestamp + PERMIT_LASTS },
		};
	} catch {
		return null;
	}
}

/** The funding that a signed permit makes; null for a signature of another shape, as contract wallets give. */
export function byPermit({ message }: PermitData, signature: Hex): Funding | null {
	try {
		const { r, s, yParity } = parseSignature(signature);
		return {
			method: METHOD.permit,
			amount: message.value,
			validAfter: 0n,
			validBefore: message.deadline,
			salt: zeroHash,
			v: 27 + yParity,
			r,
			s,
		};
	} catch {
		return null;
	}
}
