/** Teams, members and session keys of an account. */
import { accessControlAbi, teamRole } from '@necto/contracts';
import type { StoredSession } from '@necto/core';
import type { Address, PublicClient } from 'viem';
import { z } from 'zod';
import { bigintColumn, queryIndexer, secondsColumn } from '#lib/indexer/client.ts';
import { indexerDocument } from '#lib/indexer/document.ts';
import { hexText } from '#lib/jobs/rows.ts';
import type { Runtime } from '#lib/runtime.ts';

export const ROLES = ['viewer', 'user', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const teamRowSchema = z.object({
	id: z.int(),
	name: z.string(),
	limit: bigintColumn,
	/** Seconds. */
	period: z.int(),
	periodStart: secondsColumn,
	spent: bigintColumn,
});

const memberRowSchema = z.object({
	team: z.int(),
	address: hexText,
	role: z.enum(ROLES),
	limit: bigintColumn,
	spent: bigintColumn,
	periodStart: secondsColumn,
});

export type TeamRow = z.infer<typeof teamRowSchema>;
export type MemberRow = z.infer<typeof memberRowSchema>;

export interface OwnTeam {
	readonly team: TeamRow;
	/** Admins first. */
	readonly members: readonly MemberRow[];
	/** The role of whom it was asked for. */
	readonly role: Role;
}

const TEAM_FIELDS = Object.keys(teamRowSchema.shape).join(' ');
const MEMBER_FIELDS = Object.keys(memberRowSchema.shape).join(' ');
const mineSchema = z.object({ members: z.object({ items: z.array(z.object({ team: z.int() })) }) });
const teamsSchema = z.object({
	teams: z.object({ items: z.array(teamRowSchema) }),
	members: z.object({ items: z.array(memberRowSchema) }),
});

const OWN_TEAMS = indexerDocument(
	`query OwnTeams($address: String!) { members(where: { address: $address }, limit: 100) { items { team } } }`,
);

const TEAM_ROWS = indexerDocument(`query TeamRows($ids: [Int!]) {
	teams(where: { id_in: $ids }, orderBy: "id", limit: 100) { items { ${TEAM_FIELDS} } }
	members(where: { team_in: $ids }, orderBy: "address", limit: 1000) { items { ${MEMBER_FIELDS} } }
}`);

/** The teams that this account belongs to, with all their members. */
export async function fetchOwnTeams(account: string, signal?: AbortSignal): Promise<OwnTeam[]> {
	const { members: mine } = await queryIndexer(OWN_TEAMS, { address: account.toLowerCase() }, mineSchema, signal);
	if (mine.items.length === 0) return [];
	const { teams, members } = await queryIndexer(
		TEAM_ROWS,
		{ ids: mine.items.map(({ team }) => team) },
		teamsSchema,
		signal,
	);
	return teams.items.flatMap((team) => {
		const people = members.items
			.filter((member) => member.team === team.id)
			.sort((one, other) => ROLES.indexOf(other.role) - ROLES.indexOf(one.role));
		const role = people.find((member) => member.address.toLowerCase() === account.toLowerCase())?.role;
		return role === undefined ? [] : [{ team, members: people, role }];
	});
}

export interface SessionKey extends StoredSession {
	readonly key: Address;
	/** 0 is the owner's own money. */
	readonly team: number;
	readonly state: SessionState;
}

/** `resting`: a team's key whose owner is no User there at the moment. It is worth nothing now, and counts again by itself if the owner comes back. */
export type SessionState = 'live' | 'resting' | 'revoked' | 'expired';

const sessionsSchema = z.object({
	sessions: z.object({ items: z.array(z.object({ key: hexText, revoked: z.boolean() })) }),
});

const SESSIONS = indexerDocument(`query Sessions($owner: String!) {
	sessions(where: { owner: $owner }, orderBy: "expiresAt", orderDirection: "desc", limit: 100) { items { key revoked } }
}`);

/**
 * The session keys that this account granted, newest end first. The indexer knows which there are; what they spent is read from the chain, because the
 * indexer leaves untracked jobs out.
 */
export async function fetchSessions(
	client: Pick<PublicClient, 'readContract'>,
	{ accessControl }: Runtime['deployment'],
	owner: Address,
	signal?: AbortSignal,
): Promise<SessionKey[]> {
	const { sessions } = await queryIndexer(SESSIONS, { owner: owner.toLowerCase() }, sessionsSchema, signal);
	const contract = { address: accessControl, abi: accessControlAbi } as const;
	return Promise.all(
		sessions.items.map(async ({ key, revoked }): Promise<SessionKey> => {
			const stored = await client.readContract({ ...contract, functionName: 'sessionOf', args: [owner, key] });
			const [live, role] = await Promise.all([
				client.readContract({ ...contract, functionName: 'isSession', args: [owner, key, stored.team] }),
				stored.team === 0
					? null
					: client.readContract({ ...contract, functionName: 'roleOf', args: [stored.team, owner] }),
			]);
			// Revoking all keys at once leaves each of them as it was, so a key's own mark is not the whole answer: one that is not live although its
			// owner may spend that money was revoked, also where the indexer does not know it yet.
			const mayUse = role === null || role >= teamRole.user;
			const state = stateOf(stored, { live, revoked: revoked || stored.revoked, mayUse });
			return { ...stored, key, state };
		}),
	);
}

function stateOf(
	{ expiresAt }: StoredSession,
	{ live, revoked, mayUse }: { live: boolean; revoked: boolean; mayUse: boolean },
): SessionState {
	if (live) return 'live';
	if (revoked) return 'revoked';
	if (expiresAt * 1_000 <= Date.now()) return 'expired';
	return mayUse ? 'revoked' : 'resting';
}
