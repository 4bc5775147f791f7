/** Which client a request is counted for. */
import type { HttpBindings } from '@hono/node-server';
import { clientAddress } from '@necto/core';
import type { Context, MiddlewareHandler } from 'hono';
import type { Env } from './context.ts';

export interface Proxies {
	/** Addresses and CIDR ranges of reverse proxies whose header is believed. */
	trusted: string[];
	/** The header, in small letters, to which each of them appends the address that it was called from. */
	header: string;
}

const LOOPBACK = '127.0.0.1';
export const THIS_MACHINE: string[] = [LOOPBACK, '::1'];
export const DEFAULT_PROXIES: Proxies = { trusted: ['127.0.0.0/8', '::1'], header: 'x-forwarded-for' };

/** Names the client of each request once, for everything that counts by client. */
export function identify({ trusted, header }: Proxies): MiddlewareHandler<Env> {
	return async (c, next) => {
		// Without a connection the call comes from inside the process, or through a Unix socket: this machine either way.
		const peer = connectionOf(c)?.incoming?.socket?.remoteAddress ?? LOOPBACK;
		c.set('client', clientAddress(peer, c.req.header(header), trusted));
		await next();
	};
}

/** The name under which the client of a request is counted, as `clientAddress` makes it. */
export function clientOf(c: Context<Env>): string {
	return c.get('client') ?? LOOPBACK;
}

/** Whether a request comes from one of these addresses; an IPv6 address stands for its network of 64 bits. */
export function isFrom(c: Context<Env>, addresses: readonly string[]): boolean {
	return addresses.some((address) => clientAddress(address, undefined, []) === clientOf(c));
}

/** The connection behind a request; undefined for a call inside the process. */
export function connectionOf(c: Context<Env>): Partial<HttpBindings> | undefined {
	return c.env;
}

/** Aborts when the client has disconnected or the deadline has passed. */
export function signalOf(c: Context<Env>): AbortSignal {
	return c.get('signal') ?? c.req.raw.signal;
}
