/** Teams, members and session keys of an account. */
import { accessControlAbi } from '@necto/contracts';
import type { Address, PublicClient } from 'viem';
import { z } from 'zod';
import { bigintColumn, queryIndexer, secondsColumn } from '#lib/indexer/client.ts';
import { hexText } from '#lib/jobs/rows.ts';
import type { Runtime } from '#lib/runtime.ts';
import type { StoredSession } from './budget.ts';

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

/** The teams that this account belongs to, with all their members. */
export async function fetchOwnTeams(account: string, signal?: AbortSignal): Promise<OwnTeam[]> {
	const { members: mine } = await queryIndexer(
		`query OwnTeams($address: String!) { members(where: { address: $address }, limit: 100) { items { team } } }`,
		{ address: account.toLowerCase() },
		mineSchema,
		signal,
	);
	if (mine.items.length === 0) return [];
	const { teams, members } = await queryIndexer(
		`query TeamRows($ids: [Int!]) {
			teams(where: { id_in: $ids }, orderBy: "id", limit: 100) { items { ${TEAM_FIELDS} } }
			members(where: { team_in: $ids }, orderBy: "address", limit: 1000) { items { ${MEMBER_FIELDS} } }
		}`,
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
	/** Whether it can be used now: not revoked and not expired. */
	readonly live: boolean;
	readonly revoked: boolean;
}

const sessionsSchema = z.object({ sessions: z.object({ items: z.array(z.object({ key: hexText })) }) });

/**
 * The session keys that this account granted, newest end first. The indexer knows which there are; what they spent is read from the chain, because the
 * indexer leaves untracked jobs out.
 */
export async function fetchSessions(
	client: PublicClient,
	{ accessControl }: Runtime['deployment'],
	owner: Address,
	signal?: AbortSignal,
): Promise<SessionKey[]> {
	const { sessions } = await queryIndexer(
		`query Sessions($owner: String!) {
			sessions(where: { owner: $owner }, orderBy: "expiresAt", orderDirection: "desc", limit: 100) { items { key } }
		}`,
		{ owner: owner.toLowerCase() },
		sessionsSchema,
		signal,
	);
	const contract = { address: accessControl, abi: accessControlAbi } as const;
	return Promise.all(
		sessions.items.map(async ({ key }): Promise<SessionKey> => {
			const stored = await client.readContract({ ...contract, functionName: 'sessionOf', args: [owner, key] });
			const live = await client.readContract({
				...contract,
				functionName: 'isSession',
				args: [owner, key, stored.team],
			});
			const expired = stored.expiresAt * 1_000 <= Date.now();
			return { ...stored, key, live, revoked: !live && !expired };
		}),
	);
}
