import { deploymentSchema } from '@necto/contracts';
import { z } from 'zod';

/** What a browser must know of this installation. Served by `GET /api/config` and part of every page's data. */
export const runtimeSchema = z.object({
	chainId: z.int().positive(),
	/** The settlement chain's RPC as browsers reach it. */
	rpcUrl: z.url(),
	deployment: deploymentSchema,
	/** The chain explorer's base URL, or null where there is none (the local chain). */
	explorer: z.url().nullable(),
	/** Whether this is the local chain, with its demo accounts and its free test USDC. */
	local: z.boolean(),
});

export type Runtime = z.infer<typeof runtimeSchema>;
