import type { HttpBindings } from '@hono/node-server';
import type { AgentConfig, Ready } from '@necto/core';
import type { Hex } from 'viem';
import type { Journal } from '../journal/jobs.ts';
import type { Notifications } from '../journal/notifications.ts';
import type { RouterState } from '../journal/routers.ts';
import type { Watches } from '../journal/watches.ts';
import type { Logger } from '../logger.ts';
import type { Answers } from '../market/answers.ts';
import type { MarketFeed } from '../market/feed.ts';
import type { Market } from '../market/market.ts';
import type { ApiMetrics } from '../metrics.ts';
import type { Parser } from '../parse/parse.ts';
import type { Proxies } from './client.ts';
import type { LimitSettings } from './limits/settings.ts';

/** What the HTTP API stands on. */
export interface Api {
	market: Market;
	feed: MarketFeed;
	answers: Answers;
	watches: Watches;
	/** Looks whether anything fits the watches now. */
	lookAtWatches(): Promise<void>;
	journal: Journal;
	notifications: Pick<Notifications, 'subscribe'>;
	parser: Parser;
	metrics: ApiMetrics;
	logger: Logger;
	/** Origins whose pages may call; `*` alone means any. */
	origins: readonly string[];
	/** Reverse proxies whose word about the client is taken; those of this machine without. */
	proxies?: Proxies;
	/** Addresses of clients that may read `/metrics`; this machine without. */
	metricsClients?: readonly string[];
	/** Limits that differ from the defaults. */
	limits?: Partial<LimitSettings>;
	chainId: number;
	/** Seconds from which on a token's price is called old. */
	tokenPriceMaxAge: number;
	registry: Hex;
	config: AgentConfig;
	version: string;
	/** Bytes of a record or snapshot from 0G Storage, proven against their root. */
	download(root: Hex): Promise<Uint8Array>;
	/** Whether this process and the router work, and what is in the way. Never rejects. */
	ready(): Promise<Ready>;
	/** What the router said last; null while none runs. */
	router(): Promise<Pick<RouterState, 'deciding' | 'lastBlock'> | null>;
}

/** Variables of one request. */
export interface Env {
	/** The connection; missing for a call inside the process. */
	Bindings: Partial<HttpBindings>;
	Variables: {
		requestId: string;
		/** Under which name it is counted; see `clientOf`. */
		client?: string;
		/** Fires when the client left or the time for the answer is over; set for requests that cost something. */
		signal?: AbortSignal;
	};
}
