/** The journal's tables, as a list that only grows: a migration that has been released is never edited. */
export const migrations: readonly { version: number; sql: string }[] = [
	{
		version: 1,
		sql: `
-- How far the chain has been read. One row per deployment; the hash shows whether that block still stands.
CREATE TABLE agent.cursor (
	deployment text PRIMARY KEY,
	block bigint NOT NULL,
	block_hash text NOT NULL
);

-- Snapshots and records: stored before they are uploaded, so that a restart uploads the same bytes again.
CREATE TABLE agent.file (
	root text NOT NULL,
	hash text NOT NULL,
	kind text NOT NULL CHECK (kind IN ('snapshot', 'record')),
	bytes bytea NOT NULL,
	uploaded_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (root, hash)
);

-- One row per job. The chain is the truth about a job; this row holds what only the agent knows.
-- An untracked job has no requester here, and no row holds the hash of a buyer's transaction.
CREATE TABLE agent.job (
	deployment text NOT NULL,
	id numeric(20) NOT NULL,
	state text NOT NULL DEFAULT 'observed'
		CHECK (state IN ('observed', 'decided', 'uploaded', 'submitted', 'routed', 'superseded', 'waiting', 'dead')),
	reason text,
	requester text,
	request jsonb NOT NULL,
	requested_block bigint NOT NULL,
	decisions integer NOT NULL DEFAULT 0,
	snapshot_root text,
	snapshot_hash text,
	record_root text,
	record_hash text,
	routing jsonb,
	failures integer NOT NULL DEFAULT 0,
	-- Grows with each change of the row; a writer that read an older one writes nothing.
	revision integer NOT NULL DEFAULT 0,
	next_at timestamptz NOT NULL DEFAULT now(),
	observed_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (deployment, id)
);
CREATE INDEX job_due ON agent.job (deployment, next_at) WHERE state NOT IN ('routed', 'superseded', 'dead');

-- Every transaction, signed and stored before it is sent.
CREATE TABLE agent.transaction (
	id bigserial PRIMARY KEY,
	deployment text NOT NULL,
	sender text NOT NULL,
	purpose text NOT NULL CHECK (purpose IN ('route', 'expire', 'complete')),
	job numeric(20) NOT NULL,
	nonce bigint NOT NULL,
	hash text NOT NULL UNIQUE,
	raw text NOT NULL,
	state text NOT NULL DEFAULT 'signed' CHECK (state IN ('signed', 'mined', 'reverted', 'lost')),
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX transaction_open ON agent.transaction (deployment, sender) WHERE state = 'signed';

-- What the agent did, in words, for people who watch. Only ever appended to.
CREATE TABLE agent.activity (
	id bigserial PRIMARY KEY,
	deployment text NOT NULL,
	job numeric(20) NOT NULL,
	at bigint NOT NULL,
	step text NOT NULL,
	title text NOT NULL,
	detail text,
	data jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX activity_job ON agent.activity (deployment, job, id);
`,
	},
	{
		version: 2,
		sql: `
-- What a job's terms need beside its request. Rows from before belong to contracts without terms; nothing is done for them any more.
ALTER TABLE agent.job
	ADD COLUMN requested_at bigint NOT NULL DEFAULT 0,
	ADD COLUMN locked numeric(20) NOT NULL DEFAULT 0,
	-- The job that this one is a part of.
	ADD COLUMN parent numeric(20),
	DROP CONSTRAINT job_state_check,
	ADD CONSTRAINT job_state_check
		CHECK (state IN ('observed', 'decided', 'uploaded', 'submitted', 'routed', 'superseded', 'waiting', 'dead', 'split'));
DROP INDEX agent.job_due;
CREATE INDEX job_due ON agent.job (deployment, next_at) WHERE state NOT IN ('routed', 'superseded', 'dead', 'split');
CREATE INDEX job_parent ON agent.job (deployment, parent) WHERE parent IS NOT NULL;

-- What happened to jobs' terms on chain: routed, reopened, extended. A chain that turned takes its rows with it.
CREATE TABLE agent.change (
	deployment text NOT NULL,
	block bigint NOT NULL,
	log_index integer NOT NULL,
	job numeric(20) NOT NULL,
	change jsonb NOT NULL,
	PRIMARY KEY (deployment, block, log_index)
);
CREATE INDEX change_job ON agent.change (deployment, job, block, log_index);

ALTER TABLE agent.transaction
	-- Whether the bytes lack the requester of an untracked job, which is put back from the chain before they are sent.
	ADD COLUMN hidden boolean NOT NULL DEFAULT false,
	DROP CONSTRAINT transaction_purpose_check,
	ADD CONSTRAINT transaction_purpose_check CHECK (purpose IN ('route', 'split', 'expire', 'complete', 'resolve'));
`,
	},
	{
		version: 3,
		sql: `
-- Prices over time, in stretches: a look with the same figures only moves "until". Times are unix seconds.
-- Other networks' prices are the same whatever chain the agent serves: their deployment is ''.
CREATE TABLE agent.price_point (
	deployment text NOT NULL,
	source text NOT NULL,
	gpu_model text NOT NULL,
	pricing text NOT NULL,
	since bigint NOT NULL,
	until bigint NOT NULL CHECK (until >= since),
	-- Micro-USD per GPU-hour.
	low numeric(20) NOT NULL,
	median numeric(20) NOT NULL,
	high numeric(20) NOT NULL,
	-- At the last look.
	offers integer NOT NULL,
	free bigint,
	PRIMARY KEY (deployment, source, gpu_model, pricing, since)
);
CREATE INDEX price_point_gpu ON agent.price_point (gpu_model, until);

-- What tokens were worth: the median, and what it was made of in words.
CREATE TABLE agent.token_point (
	symbol text NOT NULL,
	since bigint NOT NULL,
	until bigint NOT NULL CHECK (until >= since),
	usd text NOT NULL,
	source text NOT NULL,
	PRIMARY KEY (symbol, since)
);

-- How sources stood.
CREATE TABLE agent.source_point (
	deployment text NOT NULL,
	source text NOT NULL,
	since bigint NOT NULL,
	until bigint NOT NULL CHECK (until >= since),
	state text NOT NULL,
	note text,
	-- At the last look.
	offers integer NOT NULL,
	PRIMARY KEY (deployment, source, since)
);
`,
	},
	{
		version: 4,
		sql: `
-- What people wait for on the market. Nobody is named: who knows the id may read and end the watch.
CREATE TABLE agent.watch (
	id text PRIMARY KEY,
	deployment text NOT NULL,
	wish jsonb NOT NULL,
	-- Unix seconds.
	created_at bigint NOT NULL,
	expires_at bigint NOT NULL,
	-- Whether an offer fitted when it was last looked at. It turns in the same statement that adds a hit, so no two agents add the same one.
	met boolean NOT NULL DEFAULT false,
	-- Newest first.
	hits jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX watch_alive ON agent.watch (deployment, expires_at);
`,
	},
	{
		version: 5,
		sql: `
-- What each source last said, for processes that ask none. A version is never given twice.
CREATE SEQUENCE agent.reading_version;
CREATE TABLE agent.reading (
	deployment text NOT NULL,
	source text NOT NULL,
	kind text NOT NULL CHECK (kind IN ('offers', 'token-prices')),
	-- In the order in which sources are shown.
	place integer NOT NULL,
	-- JSON: everything but the offers.
	head text NOT NULL,
	-- The offers, compressed, and the SHA-256 of their text.
	hash text NOT NULL,
	body bytea NOT NULL,
	version bigint NOT NULL DEFAULT nextval('agent.reading_version'),
	PRIMARY KEY (deployment, source)
);
ALTER TABLE agent.reading ALTER COLUMN body SET STORAGE EXTERNAL;

-- Signs of life of the routers, with the result of their health checks as JSON.
CREATE TABLE agent.router (
	deployment text NOT NULL,
	instance text NOT NULL,
	at timestamptz NOT NULL,
	state text NOT NULL,
	PRIMARY KEY (deployment, instance)
);
`,
	},
];
