/** The teams of an account, from the indexer. */
import { z } from 'zod';
import { queryIndexer } from '#lib/indexer/client.ts';
import { indexerDocument } from '#lib/indexer/document.ts';

const memberSchema = z.object({ members: z.object({ items: z.array(z.object({ team: z.int(), role: z.string() })) }) });
const teamSchema = z.object({ teams: z.object({ items: z.array(z.object({ id: z.int(), name: z.string() })) }) });

export interface Membership {
	readonly team: number;
	readonly name: string;
	readonly role: string;
	/** May request and cancel with the team's money. */
	readonly mayRequest: boolean;
}

const MEMBERSHIPS = indexerDocument(`query Memberships($address: String!) {
	members(where: { address: $address }, limit: 100) { items { team role } }
}`);

const TEAMS = indexerDocument(`query Teams($ids: [Int!]) {
	teams(where: { id_in: $ids }, orderBy: "id", limit: 100) { items { id name } }
}`);

/** The teams that this account belongs to, by number. */
export async function fetchMemberships(account: string, signal?: AbortSignal): Promise<Membership[]> {
	const { members } = await queryIndexer(MEMBERSHIPS, { address: account.toLowerCase() }, memberSchema, signal);
	const held = members.items.filter((member) => member.role !== 'none');
	if (held.length === 0) return [];
	const { teams } = await queryIndexer(TEAMS, { ids: held.map((member) => member.team) }, teamSchema, signal);
	return teams.items.flatMap(({ id, name }) => {
		const role = held.find((member) => member.team === id)?.role;
		return role === undefined ? [] : [{ team: id, name, role, mayRequest: role === 'user' || role === 'admin' }];
	});
}
