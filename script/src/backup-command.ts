import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { backUp, restore } from './backup.ts';
import { reasonOf, StartError } from './errors.ts';
import { complain, say, seconds } from './say.ts';
import { readSettings, wantsHelp } from './settings.ts';

const usage =
	'Usage: npm run backup -- DIRECTORY [--data DIRECTORY], or npm run restore -- DIRECTORY [--data DIRECTORY]';

function readArguments(argv: string[]) {
	try {
		return parseArgs({ args: argv, options: { data: { type: 'string' } }, allowPositionals: true });
	} catch (error) {
		throw new StartError(`${reasonOf(error)}\n${usage}`);
	}
}

/** `npm run backup -- DIRECTORY` and `npm run restore -- DIRECTORY`, for the local network's data directory. */
async function main(): Promise<void> {
	const started = performance.now();
	const argv = process.argv.slice(2);
	if (wantsHelp(argv)) {
		say(usage);
		return;
	}
	const { values, positionals } = readArguments(argv);
	const [what, given, ...more] = positionals;
	if ((what !== 'backup' && what !== 'restore') || given === undefined || more.length > 0) {
		throw new StartError(usage);
	}
	const { data } = readSettings(values.data === undefined ? [] : ['--data', values.data], process.env);
	const directory = resolve(given);
	const { files } = what === 'backup' ? await backUp(data, directory) : await restore(directory, data);
	say(
		what === 'backup'
			? `${files} files of ${data} are saved in ${directory} (${seconds(started)}). It holds private keys: keep it where only you can read it.`
			: `${files} files of ${directory} are back in ${data} (${seconds(started)}); \`npm start\` goes on from there.`,
	);
}

try {
	await main();
} catch (error) {
	complain(error instanceof StartError ? error.message : reasonOf(error));
	process.exitCode = 1;
}
