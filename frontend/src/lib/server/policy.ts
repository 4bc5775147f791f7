import { TOKEN_PRICE_ORIGINS } from '#lib/verify/token-sources.ts';

/**
 * The pages' content security policy with the other origins that a verification asks: the chain's RPC, which is known only at run time, and the sources of token
 * prices. Pages talk to no others.
 */
export function withVerificationOrigins(policy: string, rpcUrl: string): string {
	const origins = [new URL(rpcUrl).origin, ...TOKEN_PRICE_ORIGINS].join(' ');
	return policy.replace("connect-src 'self'", `connect-src 'self' ${origins}`);
}
