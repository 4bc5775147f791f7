import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from './errors.ts';

const require = createRequire(import.meta.url);

/** The top of the repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * A file of an installed package, hoisted or not, whether the package exports it or not.
 *
 * @throws Error when the package is not installed
 */
export function packageFile(name: string, file: string): string {
	for (const folder of require.resolve.paths(name) ?? []) {
		if (existsSync(join(folder, name, 'package.json'))) return join(folder, name, file);
	}
	throw new Error(`The package ${name} is not installed.`);
}

/**
 * The program of a Foundry tool itself. Its npm launcher would stand between us and the program: a signal to the launcher can leave
 * the program running.
 */
export function foundryProgram(tool: 'anvil' | 'forge'): string {
	const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
	try {
		return packageFile(`@foundry-rs/${tool}-${process.platform}-${architecture}`, `bin/${tool}`);
	} catch {
		throw new StartError(
			`There is no ${tool} for ${process.platform}-${process.arch} in node_modules; run \`npm install\`, and on a system that Foundry is not built for use Linux or macOS on x64 or arm64.`,
		);
	}
}
