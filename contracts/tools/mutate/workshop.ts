import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forgeProgram, nameOf, PROJECT, root } from '../artifacts.ts';

/** What a run of the tests said. */
export type Verdict = { kind: 'passed' } | { kind: 'killed'; by: string };

/** Tests that are quick and kill most come first; figures of gas change with every mutant and prove nothing. */
const PHASES = [
	['--no-match-path', 'contracts/test/{gas,fuzz,invariant}/**'],
	['--match-path', 'contracts/test/{fuzz,invariant}/**'],
];

const SEED = '0x6e6563746f';

/**
 * A copy of the project in which the tests are compiled once, and the contracts that they deploy are exchanged below them.
 * The tests deploy by the deployment script's artifact (`test/utils/Base.sol`); here that script takes each contract's code from its own artifact,
 * so that a mutant costs the compilation of one contract.
 */
export class Workshop {
	private readonly folder: string;

	private constructor(folder: string) {
		this.folder = folder;
	}

	static async open(folder: string): Promise<Workshop> {
		const workshop = new Workshop(folder);
		for (const path of PROJECT) {
			// What was compiled in an earlier run stays beside it; what is no longer there must not.
			rmSync(join(folder, path), { recursive: true, force: true });
			cpSync(join(root, path), join(folder, path), { recursive: true, preserveTimestamps: true });
		}
		mkdirSync(join(folder, '.necto'), { recursive: true });
		await workshop.compileDeployment();
		await workshop.forge(['build', '--skip', 'contracts/test/gas/**']);
		return workshop;
	}

	/** Puts a contract's creation code where the deployment takes it from. */
	place(source: string, creationCode: string): void {
		const folder = join(this.folder, `contracts/out/${nameOf(source)}.sol`);
		mkdirSync(folder, { recursive: true });
		const artifact = { abi: [], bytecode: { object: creationCode } };
		writeFileSync(join(folder, `${nameOf(source)}.json`), JSON.stringify(artifact));
	}

	/**
	 * Runs the tests until one fails.
	 *
	 * @param limit milliseconds for each phase; a mutant that takes longer never ends, and is killed
	 * @throws when Foundry fails for another reason than a test
	 */
	async test(limit: number): Promise<Verdict> {
		for (const phase of PHASES) {
			const { code, output } = await this.run(['test', '--fail-fast', ...phase], limit);
			if (code === null) return { kind: 'killed', by: 'time' };
			// Only words that tests ran and passed count as such: whatever else ends well proves nothing.
			if (code === 0 && /[1-9]\d* tests? passed, 0 failed/.test(output)) continue;
			// An invariant's name stands behind the steps that broke it.
			const failed =
				/\[FAIL[^\n]*\] (\S+)/.exec(output)?.[1] ?? /\[FAIL[\s\S]*?\n\s*(\S+\(\)) \(runs/.exec(output)?.[1];
			if (failed === undefined) throw new Error(`forge test failed without a failing test:\n${output}`);
			return { kind: 'killed', by: failed };
		}
		return { kind: 'passed' };
	}

	/** Compiles the deployment script with its `new X(...)` taken from artifacts. */
	private async compileDeployment(): Promise<void> {
		const path = join(this.folder, 'script/deploy/Deploy.s.sol');
		const original = readFileSync(path, 'utf8');
		const shim = original
			.replace(/new (AccessControl|ProviderRegistry|JobRegistry|Escrow|Challenge)\(([^;]*)\);/g, (_, name, given) => {
				return `${name}(_make("${name}", abi.encode(${given})));`;
			})
			.replace(/\}\s*$/, `${MAKE}}\n`);
		writeFileSync(path, shim);
		try {
			// Into a folder of its own: the tests find the real script's artifact where the real one lies.
			await this.forge(['build', 'script/deploy', '--out', 'shim/out', '--cache-path', 'shim/cache']);
		} finally {
			writeFileSync(path, original);
		}
		const target = join(this.folder, 'contracts/out/Deploy.s.sol');
		mkdirSync(target, { recursive: true });
		cpSync(join(this.folder, 'shim/out/Deploy.s.sol/Deploy.json'), join(target, 'Deploy.json'));
	}

	private async forge(args: readonly string[]): Promise<void> {
		const { code, output } = await this.run(args, 600_000);
		if (code !== 0) throw new Error(`forge ${args.join(' ')} failed:\n${output}`);
	}

	private run(args: readonly string[], limit: number): Promise<{ code: number | null; output: string }> {
		return new Promise((resolve, reject) => {
			const child = spawn(forgeProgram(), args, {
				cwd: this.folder,
				// A group of its own, to end with it the compiler that it starts.
				detached: true,
				stdio: ['ignore', 'pipe', 'pipe'],
				env: {
					...process.env,
					FOUNDRY_PROFILE: 'test',
					FOUNDRY_SOLC: join(root, 'contracts/solc-js.cjs'),
					FOUNDRY_FUZZ_SEED: SEED,
					FOUNDRY_FUZZ_RUNS: '64',
					FOUNDRY_INVARIANT_RUNS: '8',
					FORGE_SNAPSHOT_CHECK: 'false',
					NO_COLOR: '1',
				},
			});
			let output = '';
			const keep = (chunk: Buffer) => {
				output += chunk.toString();
			};
			child.stdout.on('data', keep);
			child.stderr.on('data', keep);
			const end = () => {
				if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
			};
			const leave = () => {
				end();
				process.exit(1);
			};
			for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, leave);
			let late = false;
			const timer = setTimeout(() => {
				late = true;
				end();
			}, limit);
			child.on('error', reject);
			child.on('close', (code) => {
				clearTimeout(timer);
				for (const signal of ['SIGINT', 'SIGTERM']) process.removeListener(signal, leave);
				resolve({ code: late ? null : (code ?? 1), output });
			});
		});
	}
}

const MAKE = `
    function _make(string memory name, bytes memory given) private returns (address made) {
        bytes memory code = bytes.concat(vm.getCode(string.concat("contracts/out/", name, ".sol/", name, ".json")), given);
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
            if iszero(made) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }
`;
