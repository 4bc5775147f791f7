/**
 * Keeps two figures of each deployed contract that nobody should change without noticing, from Foundry's artifacts:
 * `snapshots/storage.json`, where each variable lies, and `snapshots/sizes.json`, the bytes of its code on the chain.
 *
 * `node contracts/tools/snapshots.ts` after `forge build` writes them; with `--check` it writes nothing and fails when they changed.
 * A contract that no chain would take (EIP-170) fails in both.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Artifacts, DEPLOYED, nameOf, root } from './artifacts.ts';

/** EIP-170: a contract's code has at most this many bytes. */
const MOST_BYTES = 24_576;

const artifactSchema = z.object({
	deployedBytecode: z.object({ object: z.string() }),
	metadata: z.object({ settings: z.object({ viaIR: z.boolean().optional() }) }),
	storageLayout: z.object({
		storage: z.array(z.object({ label: z.string(), slot: z.string(), offset: z.number(), type: z.string() })),
		types: z
			.record(
				z.string(),
				z.object({
					label: z.string(),
					numberOfBytes: z.string(),
					members: z
						.array(z.object({ label: z.string(), slot: z.string(), offset: z.number(), type: z.string() }))
						.optional(),
				}),
			)
			.nullable(),
	}),
});
type Artifact = z.infer<typeof artifactSchema>;

/** Where the variables of one contract lie, one line each, structs spread out below by the name of their type. */
function layoutOf({ storageLayout: { storage, types } }: Artifact): Record<string, string[]> {
	// The compiler's type names hold ids of its syntax tree, which change with every file: their labels do not.
	const labelOf = (type: string) => types?.[type]?.label ?? type;
	const line = (at: { slot: string; offset: number; type: string; label: string }) =>
		`slot ${at.slot}, byte ${at.offset}: ${labelOf(at.type)} ${at.label}`;
	const structs = Object.values(types ?? {}).flatMap(({ label, numberOfBytes, members }) =>
		members ? [[`${label} (${numberOfBytes} bytes)`, members.map(line)] as const] : [],
	);
	structs.sort(([a], [b]) => (a < b ? -1 : 1));
	return { variables: storage.map(line), ...Object.fromEntries(structs) };
}

const artifacts = new Artifacts();
const storage: Record<string, Record<string, string[]>> = {};
const sizes: Record<string, number> = {};
const faults: string[] = [];
for (const source of DEPLOYED) {
	const artifact = artifacts.read(source, artifactSchema);
	const name = nameOf(source);
	storage[name] = layoutOf(artifact);
	const bytes = (artifact.deployedBytecode.object.length - 2) / 2;
	sizes[name] = bytes;
	if (bytes > MOST_BYTES) faults.push(`${name} has ${bytes} bytes, more than the ${MOST_BYTES} that a chain takes.`);
	if (artifact.metadata.settings.viaIR) faults.push(`${name} was built via IR: build with the default profile.`);
}

const check = process.argv.includes('--check');
for (const [file, value] of Object.entries({ storage, sizes })) {
	const path = join(root, `contracts/snapshots/${file}.json`);
	const text = `${JSON.stringify(value, null, '\t')}\n`;
	if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
	if (!check) writeFileSync(path, text);
	else {
		faults.push(
			`contracts/snapshots/${file}.json is not what was built. See what changed, and if it is meant, run \`npm run snapshot --workspace contracts\` and commit the result.`,
		);
	}
}
if (faults.length > 0) {
	process.stderr.write(`${faults.join('\n')}\n`);
	process.exitCode = 1;
}
