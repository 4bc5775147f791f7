import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDisk, checkNode, explainInstall, isInstalled, root } from '../bootstrap.mjs';
import { scratch } from './scratch.ts';

describe('what is checked before anything is installed', () => {
	it.each(['20.0.0', '22.5.1', '24.21.0'])('takes Node %s', (version) => {
		expect(() => checkNode(version)).not.toThrow();
	});

	it.each(['18.20.4', '16.0.0'])('refuses Node %s in one sentence', (version) => {
		expect(() => checkNode(version)).toThrow(
			`Necto needs Node 20 or newer and this is ${version}: install a newer one (nodejs.org).`,
		);
	});

	it('refuses a disk without room, with both figures', () => {
		expect(() => checkDisk(1024 ** 3)).toThrow(
			'The disk has 1.0 GB left and the packages need 4.0 GB: make room and try again.',
		);
		expect(() => checkDisk(5 * 1024 ** 3)).not.toThrow();
	});
});

describe('why an installation failed', () => {
	it.each([
		['npm error code ENOTFOUND\nnpm error network request failed', /^npm cannot reach the package registry: /],
		['npm error code EAI_AGAIN', /^npm cannot reach the package registry: /],
		['npm error connect ECONNREFUSED 127.0.0.1:1', /^npm cannot reach the package registry: /],
		['npm error code ENOSPC', /^The disk is full: make room/],
		['npm error code E404\nnpm error no such package', /^The packages could not be installed \(no such package\)\./],
		['Killed', /^The packages could not be installed\. All that npm said is in \/log\.$/],
	])('says of %j what to do', (log, sentence) => {
		expect(explainInstall(log, '/log')).toMatch(sentence);
	});
});

describe('whether the packages are there', () => {
	const lock = {
		packages: {
			'': { dependencies: { a: '1.0.0' } },
			'node_modules/a': { version: '1.0.0' },
			'node_modules/b': { version: '2.0.0', optional: true },
		},
	};

	async function repository(installed: unknown, manifest: unknown = { dependencies: { a: '1.0.0' } }): Promise<string> {
		const top = await scratch();
		const files: [string, string][] = [
			['package.json', JSON.stringify(manifest)],
			['package-lock.json', JSON.stringify(lock)],
			['node_modules/node/bin/node', ''],
			...(installed === undefined
				? []
				: [['node_modules/.package-lock.json', JSON.stringify({ packages: installed })] as [string, string]]),
		];
		for (const [file, content] of files) {
			await mkdir(dirname(join(top, file)), { recursive: true });
			await writeFile(join(top, file), content);
		}
		return top;
	}

	it('takes what the lockfile says, without packages for other systems', async () => {
		expect(isInstalled(await repository({ 'node_modules/a': { version: '1.0.0' } }))).toBe(true);
	});

	it.each([
		['nothing is installed', undefined],
		['a package is missing', {}],
		['a package has another version', { 'node_modules/a': { version: '1.0.1' } }],
		[
			'an optional package has another version',
			{ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.1' } },
		],
	])('asks for an installation when %s', async (_, installed) => {
		expect(isInstalled(await repository(installed))).toBe(false);
	});

	it('asks for an installation when package.json wants something new', async () => {
		const top = await repository(
			{ 'node_modules/a': { version: '1.0.0' } },
			{ dependencies: { a: '1.0.0', c: '1.0.0' } },
		);
		expect(isInstalled(top)).toBe(false);
	});

	it('is so in this repository, and no line of the lockfile says where from', async () => {
		expect(isInstalled(root)).toBe(true);
		expect(await readFile(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved": "http');
	});
});

describe('npm start', () => {
	it('passes arguments on and fails with one sentence and no stack', async () => {
		const child = spawn(process.execPath, [join(root, 'script/start.mjs'), '--only', 'nothing']);
		let said = '';
		child.stderr.on('data', (part) => {
			said += part;
		});
		const code = await new Promise((resolve) => child.once('exit', resolve));
		expect(code).toBe(1);
		expect(said.trim()).toBe('--only nothing is not known: give `--only chain` or `--only indexer`, or leave it away.');
	});
});

describe('--help', () => {
	it.each([
		['script/src/start.ts', [], 'Usage: npm start'],
		['script/src/backup-command.ts', ['backup'], 'Usage: npm run backup'],
		['script/src/backup-command.ts', ['restore'], 'Usage: npm run backup'],
		['script/src/test.ts', [], 'Usage: npm test'],
	])('of %s %j prints how it is used, and nothing is wrong', async (program, args, usage) => {
		const child = spawn(process.execPath, [join(root, program), ...args, '--help']);
		let [said, complained] = ['', ''];
		child.stdout.on('data', (part) => {
			said += part;
		});
		child.stderr.on('data', (part) => {
			complained += part;
		});
		const code = await new Promise((resolve) => child.once('close', resolve));
		expect({ code, complained }).toEqual({ code: 0, complained: '' });
		expect(said.startsWith(usage)).toBe(true);
	});
});
