import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What operators watch of the router. Names begin with `necto_agent_`. */
export class Metrics {
	readonly registry = new Registry();

	readonly jobs = new Gauge({
		name: 'necto_agent_jobs',
		help: 'Jobs in the journal by state',
		labelNames: ['state'] as const,
		registers: [this.registry],
	});
	readonly steps = new Histogram({
		name: 'necto_agent_step_seconds',
		help: 'Duration of each step of a job',
		labelNames: ['step'] as const,
		buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
		registers: [this.registry],
	});
	readonly outcomes = new Counter({
		name: 'necto_agent_outcomes_total',
		help: 'How work on a job ended, by outcome',
		labelNames: ['outcome'] as const,
		registers: [this.registry],
	});
	readonly reverts = new Counter({
		name: 'necto_agent_reverts_total',
		help: 'Transactions that the contracts refused, by reason',
		labelNames: ['reason'] as const,
		registers: [this.registry],
	});
	readonly sources = new Gauge({
		name: 'necto_agent_source_state',
		help: '1 for the state a source is in',
		labelNames: ['source', 'state'] as const,
		registers: [this.registry],
	});
	readonly blockLag = new Gauge({
		name: 'necto_agent_block_lag',
		help: 'Blocks of the chain that are not scanned yet',
		registers: [this.registry],
	});
	readonly lastBlock = new Gauge({
		name: 'necto_agent_last_block',
		help: 'Last block that was scanned for jobs',
		registers: [this.registry],
	});
	readonly missingJobs = new Gauge({
		name: 'necto_agent_missing_jobs',
		help: 'Jobs that the chain counts and that the journal or the indexer lacks',
		labelNames: ['where'] as const,
		registers: [this.registry],
	});
	readonly unconfirmed = new Gauge({
		name: 'necto_agent_unconfirmed_seconds',
		help: 'Seconds for which no node has given all logs of the next block; 0 while one does',
		registers: [this.registry],
	});
	readonly nodeBehind = new Gauge({
		name: 'necto_agent_node_behind_seconds',
		help: 'Seconds for which all nodes have been at lower blocks than one that was shown before',
		registers: [this.registry],
	});
	readonly lateEvents = new Gauge({
		name: 'necto_agent_late_events',
		help: 'Events that were found after their block had been read',
		registers: [this.registry],
	});
	/** Whole USDC: what an operator compares by eye. */
	readonly bond = new Gauge({
		name: 'necto_agent_bond_usdc',
		help: "The router's standing bond, and what it needs to route",
		labelNames: ['kind'] as const,
		registers: [this.registry],
	});
	/** Whole coins. */
	readonly balance = new Gauge({
		name: 'necto_agent_balance_coins',
		help: "Balance of the router's key (ADI) and the storage key (0G), and what they need to be ready",
		labelNames: ['key', 'kind'] as const,
		registers: [this.registry],
	});
	readonly indexLag = new Gauge({
		name: 'necto_agent_index_lag',
		help: 'How far the indexer is behind the chain, in blocks and in seconds',
		labelNames: ['unit'] as const,
		registers: [this.registry],
	});
	readonly clockSkew = new Gauge({
		name: 'necto_agent_clock_skew_seconds',
		help: "By how much the agent's clock is ahead of the chain's",
		registers: [this.registry],
	});
	readonly checks = new Gauge({
		name: 'necto_agent_check',
		help: '1 where a check of /ready holds, else 0',
		labelNames: ['check'] as const,
		registers: [this.registry],
	});
	constructor() {
		collectDefaultMetrics({ register: this.registry });
	}
}

/** What operators watch of the public API. */
export class ApiMetrics {
	readonly registry = new Registry();

	readonly streams = new Gauge({
		name: 'necto_agent_open_streams',
		help: 'Event streams that are open',
		registers: [this.registry],
	});
	readonly unread = new Gauge({
		name: 'necto_agent_unread_bytes',
		help: 'Bytes of large answers that were sent and not read yet',
		registers: [this.registry],
	});
	readonly requests = new Histogram({
		name: 'necto_agent_http_seconds',
		help: 'Duration of HTTP requests by route and status',
		labelNames: ['route', 'status'] as const,
		buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 20],
		registers: [this.registry],
	});

	constructor() {
		collectDefaultMetrics({ register: this.registry });
	}
}
