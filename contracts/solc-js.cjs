#!/usr/bin/env node
// Shows the npm package `solc` (WebAssembly) to Foundry as if it were a native compiler, so that nothing has to be downloaded.
// Foundry calls `--version`, or `--allow-paths A,B --base-path P --standard-json` with standard JSON on stdin.
// Plain CommonJS for old Node versions: Foundry starts whatever `node` is first on PATH.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const packageFile = require.resolve('solc/package.json');

function fail(message) {
	process.stderr.write(`solc-js: ${message}\n`);
	process.exit(1);
}

/** Loads the compiler without the global exception handlers that its WebAssembly glue installs. */
function loadCompiler() {
	const events = ['uncaughtException', 'unhandledRejection'];
	const before = events.map((event) => process.listeners(event));
	const compiler = require('solc');
	events.forEach((event, index) => {
		process.removeAllListeners(event);
		for (const listener of before[index]) process.on(event, listener);
	});
	return compiler;
}

/** The compiler's long version, kept in a file because loading the WebAssembly only for this takes a third of a second. */
function longVersion() {
	const { version } = require(packageFile);
	const file = path.join(path.dirname(packageFile), '..', '.cache', `necto-solc-${version}`);
	try {
		return fs.readFileSync(file, 'utf8');
	} catch {
		const long = loadCompiler().version();
		try {
			fs.mkdirSync(path.dirname(file), { recursive: true });
			// Written beside and renamed: two compilers starting at once never read half a line.
			const draft = `${file}.${process.pid}`;
			fs.writeFileSync(draft, long);
			fs.renameSync(draft, file);
		} catch {
			// A read-only install only loses the shortcut.
		}
		return long;
	}
}

/** Writes all of `text`; a pipe may take it in pieces. */
function writeAll(text) {
	const bytes = Buffer.from(text);
	for (let offset = 0; offset < bytes.length; ) {
		try {
			offset += fs.writeSync(1, bytes, offset);
		} catch (error) {
			if (error.code !== 'EAGAIN') throw error;
		}
	}
}

const args = process.argv.slice(2);
if (args.includes('--version')) {
	process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${longVersion()}\n`);
} else if (args.includes('--standard-json')) {
	const at = args.indexOf('--base-path');
	const base = at === -1 ? process.cwd() : args[at + 1];
	const readSource = (name) => {
		try {
			return { contents: fs.readFileSync(path.resolve(base, name), 'utf8') };
		} catch (error) {
			return { error: error.message };
		}
	};
	const input = fs.readFileSync(0, 'utf8');
	writeAll(loadCompiler().compile(input, { import: readSource }));
} else {
	fail(`only --version and --standard-json are supported, not: ${args.join(' ')}`);
}
