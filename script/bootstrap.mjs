// From nothing but Node 20 and npm to the packages and the Node that Necto runs on. Plain JavaScript without packages: it is what
// installs them.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statfsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const LEAST_NODE = 20;
const INSTALL_BYTES = 4 * 1024 ** 3;

/** The top of the repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** A sentence for the person at the terminal: what is wrong and what to do. */
export class SetupError extends Error {}

/** @param {string} version a Node version, "20.1.0" */
export function checkNode(version) {
	if (Number(version.split('.')[0]) >= LEAST_NODE) return;
	throw new SetupError(
		`Necto needs Node ${LEAST_NODE} or newer and this is ${version}: install a newer one (nodejs.org).`,
	);
}

/** @param {number} free bytes on the disk */
export function checkDisk(free) {
	if (free >= INSTALL_BYTES) return;
	const [has, needs] = [free, INSTALL_BYTES].map((bytes) => (bytes / 1024 ** 3).toFixed(1));
	throw new SetupError(`The disk has ${has} GB left and the packages need ${needs} GB: make room and try again.`);
}

/** @param {string} file */
function readJson(file) {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		return undefined;
	}
}

const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'];

/** Whether a package.json asks for what the lockfile was made of. */
function isLocked(manifest, locked) {
	if (manifest === undefined || locked === undefined) return false;
	return KINDS.every((kind) => {
		const [asked, had] = [manifest[kind] ?? {}, locked[kind] ?? {}];
		const names = new Set([...Object.keys(asked), ...Object.keys(had)]);
		return [...names].every((name) => asked[name] === had[name]);
	});
}

/**
 * Whether node_modules is what package-lock.json says. npm keeps a list of what it has installed; packages for other systems are not in it.
 *
 * @param {string} top the repository
 */
export function isInstalled(top) {
	const lock = readJson(join(top, 'package-lock.json'))?.packages;
	const installed = readJson(join(top, 'node_modules/.package-lock.json'))?.packages;
	if (lock === undefined || installed === undefined) return false;
	for (const [path, wanted] of Object.entries(lock)) {
		if (!path.includes('node_modules/')) {
			if (!isLocked(readJson(join(top, path, 'package.json')), wanted)) return false;
			continue;
		}
		if (wanted.link || wanted.extraneous) continue;
		const found = installed[path];
		if (found === undefined && !wanted.optional && !wanted.devOptional && !wanted.peer) return false;
		if (found !== undefined && found.version !== wanted.version) return false;
	}
	return existsSync(nodeProgram(top));
}

/** The Node that comes with the packages. */
export function nodeProgram(top = root) {
	return join(top, 'node_modules/node/bin/node');
}

/**
 * Why an installation failed, in one sentence.
 *
 * @param {string} log what npm said
 * @param {string} file where that is
 */
export function explainInstall(log, file) {
	if (/ENOSPC/.test(log)) return `The disk is full: make room and try again. All that npm said is in ${file}.`;
	if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/.test(log)) {
		return `npm cannot reach the package registry: check the network, or \`npm config get registry\`. All that npm said is in ${file}.`;
	}
	const reason = /^npm (?:error|ERR!) (?!code|A complete log|.*_logs)(.+)$/m.exec(log)?.[1];
	return `The packages could not be installed${reason === undefined ? '' : ` (${reason})`}. All that npm said is in ${file}.`;
}

/** @returns {Promise<number>} the exit code */
function run(command, args, options) {
	return new Promise((done, failed) => {
		const child = spawn(command, args, options);
		const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
		const pass = (signal) => child.kill(signal);
		for (const signal of signals) process.on(signal, pass);
		child.once('error', failed);
		child.once('exit', (code, signal) => {
			for (const name of signals) process.off(name, pass);
			done(code ?? 128 + (constants.signals[signal ?? 'SIGTERM'] ?? 15));
		});
	});
}

async function install() {
	const { bavail, bsize } = statfsSync(root);
	checkDisk(bavail * bsize);
	process.stdout.write('Installing packages (first start, about two minutes)…\n');
	const started = performance.now();
	const log = join(root, '.necto/install.log');
	mkdirSync(dirname(log), { recursive: true });
	const output = openSync(log, 'w');
	// `npm ci` refuses a lockfile made where some other system's package could not be found. `npm install` takes it, and is told not to
	// write it: the pins are ours.
	const args = ['install', '--no-save', '--no-audit', '--no-fund'];
	const npm = process.env.npm_execpath;
	const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
	let code;
	try {
		code = await run(command, [...first, ...args], { cwd: root, stdio: ['ignore', output, output] });
	} catch {
		throw new SetupError('npm is not there: install Node with npm (nodejs.org).');
	} finally {
		closeSync(output);
	}
	if (code !== 0) throw new SetupError(explainInstall(readFileSync(log, 'utf8'), log));
	if (!isInstalled(root)) {
		throw new SetupError(
			`npm has installed other versions than package-lock.json says: run \`npm install\` and look at \`git diff package-lock.json\`. All that npm said is in ${log}.`,
		);
	}
	process.stdout.write(`Packages installed in ${Math.round((performance.now() - started) / 1000)} s.\n`);
}

/**
 * Installs what is missing and runs a TypeScript program on the Node that comes with the packages.
 *
 * @param {string} program from the top of the repository
 */
export async function bootstrap(program) {
	try {
		checkNode(process.versions.node);
		if (!isInstalled(root)) await install();
		process.exitCode = await run(nodeProgram(), [join(root, program), ...process.argv.slice(2)], { stdio: 'inherit' });
	} catch (error) {
		if (!(error instanceof SetupError)) throw error;
		process.stderr.write(`${error.message}\n`);
		process.exitCode = 1;
	}
}
