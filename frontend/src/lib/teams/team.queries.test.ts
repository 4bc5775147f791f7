import { deploymentSchema } from '@necto/contracts';
import type { PublicClient } from 'viem';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fetchSessions, type SessionState } from './team.queries.ts';

const OWNER = `0x${'b0'.repeat(20)}` as const;
const KEY = `0x${'09'.repeat(20)}` as const;
const address = `0x${'00'.repeat(19)}01`;
const deployment = deploymentSchema.parse({
	chainId: 31337,
	startBlock: 0,
	accessControl: address,
	providerRegistry: address,
	jobRegistry: address,
	escrow: address,
	challenge: address,
	usdc: address,
});

interface Held {
	team: number;
	/** Roles of the contract: 1 is Viewer, 2 User. */
	role: number;
	live: boolean;
	/** The key's own mark on chain. */
	revoked: boolean;
	/** What the indexer says. */
	indexed: boolean;
	expiresAt: number;
}

const SOON = Math.floor(Date.now() / 1_000) + 1_000;
const held: Held = { team: 7, role: 2, live: true, revoked: false, indexed: false, expiresAt: SOON };

afterEach(() => vi.unstubAllGlobals());

/** The state of the one key that chain and indexer know. */
async function stateOf(change: Partial<Held>): Promise<SessionState | undefined> {
	const { team, role, live, revoked, indexed, expiresAt } = { ...held, ...change };
	const answer = JSON.stringify({ data: { sessions: { items: [{ key: KEY, revoked: indexed }] } } });
	vi.stubGlobal('fetch', () => Promise.resolve(new Response(answer)));
	const stored = { total: 1n, spent: 0n, perPeriod: 1n, periodSpent: 0n, grantedAt: 1, period: 0, periodIndex: 0 };
	const said: Readonly<Record<string, unknown>> = {
		sessionOf: { ...stored, expiresAt, team, epoch: 0, revoked },
		isSession: live,
		roleOf: role,
	};
	const readContract = ({ functionName }: { functionName: string }) => Promise.resolve(said[functionName]);
	// The one method that is asked for, with the answers of the three functions that are read.
	const [session] = await fetchSessions({ readContract } as unknown as PublicClient, deployment, OWNER);
	return session?.state;
}

describe('AGT-09 the state of a session key', () => {
	it('is live as long as the chain takes it', async () => {
		expect(await stateOf({})).toBe('live');
		expect(await stateOf({ team: 0, role: 0 })).toBe('live');
		// Granted anew, and the indexer has not heard of it.
		expect(await stateOf({ indexed: true })).toBe('live');
	});

	it.each([0, 1])('rests while its owner has only role %i in its team', async (role) => {
		expect(await stateOf({ live: false, role })).toBe('resting');
	});

	it('is revoked by the chain or by the indexer, also while its owner is no User', async () => {
		expect(await stateOf({ live: false, role: 1, revoked: true })).toBe('revoked');
		expect(await stateOf({ live: false, role: 1, indexed: true })).toBe('revoked');
	});

	it('is revoked when all were, before the indexer says so', async () => {
		expect(await stateOf({ live: false, team: 0 })).toBe('revoked');
		expect(await stateOf({ live: false, role: 2 })).toBe('revoked');
	});

	it('is expired after its end, whatever its owner is', async () => {
		expect(await stateOf({ live: false, expiresAt: 1, team: 0 })).toBe('expired');
		expect(await stateOf({ live: false, expiresAt: 1, role: 1 })).toBe('expired');
	});
});
