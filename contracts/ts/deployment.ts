import { type Address, getAddress, isAddress } from 'viem';
import { z } from 'zod';

const addressSchema = z
	.string()
	.refine((text) => isAddress(text, { strict: false }), 'not an address (0x and 40 hexadecimal digits)')
	.transform((text): Address => getAddress(text));

/** Where a set of contracts stands: what the deployment script writes and every part reads. */
export const deploymentSchema = z.object({
	chainId: z.int().positive(),
	/** The block before which there are no events of these contracts. */
	startBlock: z.int().nonnegative(),
	accessControl: addressSchema,
	providerRegistry: addressSchema,
	jobRegistry: addressSchema,
	escrow: addressSchema,
	challenge: addressSchema,
	usdc: addressSchema,
});

export type Deployment = z.infer<typeof deploymentSchema>;
