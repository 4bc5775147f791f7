import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from '../artifacts.ts';

/** The part of the npm package `solc` that is used: it has no types of its own. */
interface Solc {
	compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string;
}

const outputSchema = z.object({
	errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).optional(),
	sources: z.record(z.string(), z.object({ ast: z.unknown().optional() })).optional(),
	contracts: z
		.record(
			z.string(),
			z.record(z.string(), z.object({ evm: z.object({ bytecode: z.object({ object: z.string() }) }).optional() })),
		)
		.optional(),
});

const REMAPPINGS = ['@openzeppelin/contracts/=node_modules/@openzeppelin/contracts/'];

/** A source that is not what lies on the disk. */
export interface Changed {
	path: string;
	text: string;
}

/** The compiler kept in memory: loading it and asking Foundry each time would cost more than a small contract. */
export class Compiler {
	// The compiler is CommonJS without types.
	private readonly solc: Solc = createRequire(import.meta.url)('solc');

	/** The syntax trees of the files, by path from the top of the repository. */
	parse(paths: readonly string[]): Record<string, unknown> {
		const { sources = {} } = this.run(paths, Object.fromEntries(paths.map((path) => [path, { '': ['ast'] }])), false);
		return Object.fromEntries(paths.map((path) => [path, sources[path]?.ast]));
	}

	/**
	 * @param source a file with one contract of the same name
	 * @param optimizer whether to optimize as what is shipped is: takes three times as long
	 * @returns the creation code without metadata, `undefined` when it does not compile
	 */
	creationCode(source: string, name: string, changed?: Changed, optimizer = false): string | undefined {
		const selection = { [source]: { [name]: ['evm.bytecode.object'] } };
		const object = this.run([source], selection, optimizer, changed).contracts?.[source]?.[name]?.evm?.bytecode.object;
		return object ? `0x${object}` : undefined;
	}

	private run(paths: readonly string[], outputSelection: object, optimizer: boolean, changed?: Changed) {
		const read = (path: string) => (path === changed?.path ? changed.text : readFileSync(join(root, path), 'utf8'));
		const input = {
			language: 'Solidity',
			sources: Object.fromEntries(paths.map((path) => [path, { content: read(path) }])),
			settings: {
				evmVersion: 'cancun',
				optimizer: { enabled: optimizer, runs: 200 },
				// Two mutants are the same when their code is: the hash of the sources is no code.
				metadata: { appendCBOR: false, bytecodeHash: 'none' },
				remappings: REMAPPINGS,
				outputSelection,
			},
		};
		const output = this.solc.compile(JSON.stringify(input), {
			import(path) {
				try {
					return { contents: read(path) };
				} catch (error) {
					return { error: String(error) };
				}
			},
		});
		return outputSchema.parse(JSON.parse(output));
	}
}
