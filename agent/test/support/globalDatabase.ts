/** Starts a PostgreSQL once for all test files that need a database and nothing else of the network. */
import type { TestProject } from 'vitest/node';
import { startTestDatabase } from '../../../script/src/test/database.ts';

declare module 'vitest' {
	export interface ProvidedContext {
		/** Address of an empty database, as superuser. */
		database: string;
	}
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
	const { url, stop } = await startTestDatabase();
	project.provide('database', url);
	return stop;
}
