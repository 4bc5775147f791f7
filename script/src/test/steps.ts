import { foundryProgram, root } from '../paths.ts';

/** One thing that `npm test` checks. */
export interface Step {
	name: string;
	/** Commands, one after the other, each as a program of node_modules (or `node`) with its arguments. */
	commands: readonly (readonly string[])[];
	/** Working directory from the top of the repository. */
	cwd?: string;
	/** Steps that have to pass before. */
	needs?: readonly string[];
	/** Whether it has the machine for itself: what waits for browsers and clocks suffers from neighbours. */
	alone?: boolean;
	/** Whether it needs a browser. */
	browser?: boolean;
}

const types = (workspace: string): Step => ({ name: `types ${workspace}`, commands: [['tsc', '-p', workspace]] });

const unit = (workspace: string, more: Partial<Step> = {}): Step => ({
	name: `test ${workspace}`,
	commands: [['vitest', 'run']],
	cwd: workspace,
	...more,
});

/** All steps, the long ones of each kind first. */
export const steps: readonly Step[] = [
	{ name: 'forge build', commands: [['forge', 'build', 'contracts/src', 'script/deploy']] },
	// Each on a network of its own, and most of it is waiting for that: side by side, from the start.
	unit('agent', {
		name: 'test agent failover',
		commands: [['vitest', 'run', '--project', 'failover']],
		needs: ['forge build'],
	}),
	unit('agent', {
		name: 'test agent on a network',
		commands: [['vitest', 'run', '--project', 'network']],
		needs: ['forge build'],
	}),
	{
		name: 'forge test',
		// The profile `test` of foundry.toml as flags: the tests are compiled without the optimizer and deploy what the build made.
		commands: [
			[
				...['forge', 'test', '--optimize', 'false'],
				...['--out', 'contracts/cache/test/out', '--cache-path', 'contracts/cache/test/cache'],
			],
		],
		needs: ['forge build'],
	},
	{ name: 'forge format', commands: [['forge', 'fmt', '--check']] },
	{ name: 'forge lint', commands: [['forge', 'lint', '--deny', 'notes']] },
	{
		name: 'solhint',
		commands: [
			[
				...['solhint', '--disc', '--max-warnings', '0', '-c', 'contracts/.solhintrc.yaml'],
				...['contracts/src/**/*.sol', 'script/deploy/*.sol'],
			],
		],
	},
	{
		name: 'contract snapshots',
		commands: [['node', 'contracts/tools/snapshots.ts', '--check']],
		needs: ['forge build'],
	},
	{ name: 'abi is fresh', commands: [['node', 'contracts/generate.ts', '--check']], needs: ['forge build'] },
	{ name: 'lint and format', commands: [['biome', 'check', '--error-on-warnings', '.']] },
	// What of core is only for Node (its benchmark, the tests that read files) is checked apart: nothing else in it may know Node.
	{
		name: 'types core',
		commands: [
			['tsc', '-p', 'core'],
			['tsc', '-p', 'core/tsconfig.node.json'],
		],
	},
	types('contracts'),
	types('agent'),
	types('indexer'),
	types('script'),
	{
		name: 'types frontend',
		commands: [
			['svelte-kit', 'sync'],
			['svelte-check', '--fail-on-warnings'],
		],
		cwd: 'frontend',
	},
	{ name: 'dead code', commands: [['knip']], needs: ['types frontend'] },
	unit('core'),
	unit('contracts'),
	unit('indexer', { needs: ['forge build'] }),
	unit('agent', { commands: [['vitest', 'run', '--project', 'alone']] }),
	unit('agent', { name: 'test agent simulation', commands: [['vitest', 'run', '--project', 'simulation']] }),
	unit('frontend', { needs: ['types frontend'], browser: true }),
	unit('script', { needs: ['forge build'], alone: true }),
	{
		name: 'test end to end',
		commands: [['vitest', 'run', '--config', 'e2e/vitest.config.ts']],
		cwd: 'script',
		needs: ['forge build'],
		alone: true,
		browser: true,
	},
];

/** The program and arguments of a command. */
export function resolveCommand([program = 'node', ...args]: readonly string[]): [string, string[]] {
	if (program === 'node') return [process.execPath, args];
	// Its npm launcher always ends with 0, whatever failed.
	if (program === 'forge') return [foundryProgram('forge'), args];
	return [`${root}/node_modules/.bin/${program}`, args];
}

/** Steps whose name holds one of the words, with all that they need; without words, all. */
export function chooseSteps(all: readonly Step[], words: readonly string[]): Step[] {
	if (words.length === 0) return [...all];
	const chosen = new Set<string>();
	const take = (name: string) => {
		if (chosen.has(name)) return;
		chosen.add(name);
		all.find((step) => step.name === name)?.needs?.forEach(take);
	};
	for (const { name } of all) if (words.some((word) => name.includes(word))) take(name);
	return all.filter(({ name }) => chosen.has(name));
}
