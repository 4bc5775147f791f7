import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';

/** The top of the repository, where `foundry.toml` lies. */
export const root = resolve(import.meta.dirname, '../..');

/** The contracts that are deployed, by source path: what size, layout and the like are kept of. */
export const DEPLOYED = ['AccessControl', 'ProviderRegistry', 'JobRegistry', 'Escrow', 'Challenge'].map(
	(name) => `contracts/src/${name}.sol`,
);

/** All that compiling and testing the contracts reads. To be copied, not linked: Foundry resolves links and then finds files outside its project. */
export const PROJECT: readonly string[] = [
	'foundry.toml',
	'contracts/src',
	'contracts/test',
	'contracts/snapshots',
	'core/vectors',
	'script/deploy',
	'node_modules/@openzeppelin/contracts',
	'node_modules/@layerzerolabs/toolbox-foundry/lib/forge-std',
];

const targetSchema = z.object({
	metadata: z.object({ settings: z.object({ compilationTarget: z.record(z.string(), z.string()) }) }),
});

/** `contracts/src/Escrow.sol` -> `Escrow`. */
export function nameOf(source: string): string {
	return source.slice(source.lastIndexOf('/') + 1).replace(/(\.s)?\.sol$/, '');
}

/** Reads what `forge build` left, looking through its folder only once. */
export class Artifacts {
	private readonly paths: readonly string[];

	/** @param out the folder that Foundry calls `out` */
	constructor(out = join(root, 'contracts/out')) {
		this.paths = readdirSync(out, { recursive: true, encoding: 'utf8' })
			.filter((path) => path.endsWith('.json') && !path.startsWith('build-info'))
			.map((path) => join(out, path));
	}

	/**
	 * Finds a contract's artifact by its source path: OpenZeppelin has contracts of the same names, so the artifact's own name is not enough.
	 *
	 * @throws when the contract was not built, or its artifact has not the wanted shape
	 */
	read<T>(source: string, schema: z.ZodType<T>): T {
		const name = nameOf(source);
		for (const path of this.paths.filter((path) => path.endsWith(`/${name}.json`))) {
			const artifact: unknown = JSON.parse(readFileSync(path, 'utf8'));
			if (targetSchema.parse(artifact).metadata.settings.compilationTarget[source] === name) {
				return schema.parse(artifact);
			}
		}
		throw new Error(`No artifact of ${source}. Run \`forge build contracts/src script/deploy\` first.`);
	}
}

/**
 * Forge itself. Its npm launcher would stand in between: it passes neither a signal nor, in every case, the program's failure on.
 *
 * @throws when `npm install` brought no forge for this system
 */
export function forgeProgram(): string {
	const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
	const name = `@foundry-rs/forge-${process.platform}-${architecture}`;
	return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin/forge');
}
