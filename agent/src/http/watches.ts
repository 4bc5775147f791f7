/** `/watches`: notifications about matching offers. There are no accounts: whoever knows a watch's id may read and delete it. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { type Watch, watchSchema, watchWishSchema } from '@necto/core';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { MOST_WATCHES } from '../journal/watches.ts';
import { nowSeconds } from '../time.ts';
import { clientOf } from './client.ts';
import type { Api, Env } from './context.ts';
import { direct, errors, json, queryHook } from './document.ts';
import { notFound } from './errors.ts';
import { Limits } from './limits/limits.ts';

const idSchema = watchSchema.shape.id;
const idsSchema = z.strictObject({
	ids: z
		.string()
		.max(4_000)
		.transform((text) => text.split(','))
		.pipe(z.array(idSchema).min(1).max(50)),
});

export function addWatches(
	app: OpenAPIHono<Env>,
	api: Pick<Api, 'watches' | 'lookAtWatches'>,
	limits = new Limits(),
): void {
	const { watchesAMinute, watchesOfClient } = limits.settings;
	const clients = new ClientsWatches();

	app.openapi(
		createRoute({
			method: 'post',
			path: '/watches',
			summary: `Creates a watch for an offer; ${watchesAMinute} a minute and ${watchesOfClient} in all for a client`,
			request: { body: { ...json(watchWishSchema, 'What is waited for'), required: true } },
			responses: { 201: json(watchSchema, 'The watch. Keep its id: it is the only way to it'), ...errors },
		}),
		async (c) => {
			const client = clientOf(c);
			const now = nowSeconds();
			if (clients.count(client, now) >= watchesOfClient) {
				throw new UserError(
					429,
					'too_many_watches',
					`This address already has ${watchesOfClient} watches.`,
					'Delete one with DELETE /watches/{id}.',
				);
			}
			const watch = await api.watches.add(c.req.valid('json'), now);
			if (watch === null) {
				throw new UserError(
					503,
					'watches_full',
					`The server has reached its limit of ${MOST_WATCHES} watches.`,
					'Try again later, or read GET /offers/stream instead.',
					{ retryAfter: 3_600 },
				);
			}
			clients.add(client, watch);
			// An offer that matches already is reported at once. If that fails, the watch still has to be returned: only the client gets its id.
			await api.lookAtWatches().catch(() => undefined);
			const [looked] = await api.watches.get([watch.id], now);
			return c.json(looked ?? watch, 201);
		},
	);

	app.openapi(
		createRoute({
			method: 'get',
			path: '/watches',
			summary: 'Watches by their ids (`?ids=a,b`); those that ended are left out',
			request: { query: idsSchema },
			responses: { 200: json(z.object({ watches: z.array(watchSchema) }), 'The watches'), ...errors },
		}),
		async (c) => c.json({ watches: await api.watches.get(c.req.valid('query').ids, nowSeconds()) }, 200),
		queryHook(idsSchema),
	);

	app.openapi(
		createRoute({
			method: 'delete',
			path: '/watches/{id}',
			summary: 'Ends a watch',
			request: { params: z.object({ id: idSchema }) },
			responses: { 204: { description: 'It is gone' }, ...errors },
		}),
		async (c) => {
			const { id } = c.req.valid('param');
			clients.remove(id);
			if (!(await api.watches.remove(id))) throw notFound('watch');
			return direct(c.body(null, 204));
		},
	);
}

/** Number of watches of each client. In memory only: client addresses are never stored. */
class ClientsWatches {
	readonly #ends = new Map<string, Map<string, number>>();

	count(client: string, now: number): number {
		const own = this.#ends.get(client);
		if (own === undefined) return 0;
		for (const [id, end] of own) if (end <= now) own.delete(id);
		if (own.size === 0) this.#ends.delete(client);
		return own.size;
	}

	add(client: string, { id, expiresAt }: Watch): void {
		const own = this.#ends.get(client) ?? new Map<string, number>();
		this.#ends.set(client, own.set(id, expiresAt));
	}

	remove(id: string): void {
		for (const [client, own] of this.#ends) {
			if (own.delete(id) && own.size === 0) this.#ends.delete(client);
		}
	}
}
