/** Starts the local network once for all test files that want one. */
import type { TestProject } from 'vitest/node';
import { type Network, startNetwork } from './network.ts';

declare module 'vitest' {
	export interface ProvidedContext {
		network: Omit<Network, 'stop'>;
	}
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
	const { stop, ...network } = await startNetwork();
	project.provide('network', network);
	return stop;
}
