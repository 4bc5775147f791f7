import type { AgentConfig, Ready } from '@necto/core';
import type { Hex } from 'viem';
import type { ActivitySignal } from '../journal/activity.ts';
import type { Journal } from '../journal/jobs.ts';
import type { Watches } from '../journal/watches.ts';
import type { Logger } from '../logger.ts';
import type { Answers } from '../market/answers.ts';
import type { MarketFeed } from '../market/feed.ts';
import type { Market } from '../market/market.ts';
import type { Metrics } from '../metrics.ts';
import type { Parser } from '../parse/parse.ts';

/** What the HTTP API stands on. */
export interface Api {
	market: Market;
	feed: MarketFeed;
	answers: Answers;
	watches: Watches;
	/** Looks whether anything fits the watches now. */
	lookAtWatches(): Promise<void>;
	journal: Journal;
	activity: ActivitySignal;
	parser: Parser;
	metrics: Metrics;
	logger: Logger;
	/** Origins whose pages may call; `*` alone means any. */
	origins: readonly string[];
	chainId: number;
	/** Seconds from which on a token's price is called old. */
	tokenPriceMaxAge: number;
	registry: Hex;
	config: AgentConfig;
	version: string;
	/** Bytes of a record or snapshot from 0G Storage, proven against their root. */
	download(root: Hex): Promise<Uint8Array>;
	ready(): Promise<Ready>;
	status(): { deciding: boolean; lastBlock: bigint | null };
}

/** Variables of one request. */
export interface Env {
	Variables: { requestId: string };
}
