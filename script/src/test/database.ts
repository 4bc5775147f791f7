/** A PostgreSQL for tests that need a database and nothing else of the local network. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../database/postgres.ts';
import { query } from '../database/query.ts';
import type { RoleUrls } from '../database/roles.ts';
import { anyPort } from '../ports.ts';
import { Roster } from '../roster.ts';
import { Shutdown } from '../shutdown.ts';

export interface TestDatabase {
	/** Address of an empty database, as superuser. */
	url: string;
	/** The same for each of the roles. */
	roles: RoleUrls;
	/** Ends it and removes its files. */
	stop: () => Promise<void>;
}

/** Starts one on a free port, in a folder of its own. */
export async function startTestDatabase(): Promise<TestDatabase> {
	const data = await mkdtemp(join(tmpdir(), 'necto-database-'));
	const shutdown = new Shutdown();
	const stop = async () => {
		await shutdown.stop();
		await rm(data, { recursive: true, force: true });
	};
	try {
		const port = await anyPort();
		shutdown.add(-1, { title: 'The port', stop: () => port.release() });
		const { url, roles } = await startPostgres(port, { data, roster: new Roster(data) }, (running) =>
			shutdown.add(0, running),
		);
		// Nothing here has to outlive the machine.
		for (const name of ['fsync', 'full_page_writes', 'synchronous_commit'])
			await query(url, `ALTER SYSTEM SET ${name} = off`);
		await query(url, 'SELECT pg_reload_conf()');
		return { url, roles, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}
