import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { StartError } from '../errors.ts';
import { say } from '../say.ts';

const run = promisify(execFile);

const USUAL = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const MEGABYTES_64 = 64 * 1024 * 1024;

/**
 * The browser for the tests: CHROMIUM_PATH, or where systems usually have it. On Debian root gets one installed.
 *
 * @throws StartError when there is none and it cannot be installed
 */
export async function findChromium(): Promise<string> {
	const asked = process.env.CHROMIUM_PATH;
	if (asked) {
		if (existsSync(asked)) return asked;
		throw new StartError(`CHROMIUM_PATH=${asked} does not exist: set it to a Chromium, or leave it away.`);
	}
	const found = USUAL.find((path) => existsSync(path));
	if (found !== undefined) return found;
	const needed = 'The browser tests need Chromium';
	if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
		throw new StartError(`${needed}: install it (on Debian \`apt-get install chromium\`) or set CHROMIUM_PATH.`);
	}
	say('Installing Chromium for the browser tests…');
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	try {
		await run('apt-get', ['update'], { env, maxBuffer: MEGABYTES_64 });
		await run('apt-get', ['install', '-y', 'chromium'], { env, maxBuffer: MEGABYTES_64 });
	} catch (error) {
		throw new StartError(
			`${needed} and \`apt-get install -y chromium\` failed: install it by hand or set CHROMIUM_PATH. ${error instanceof Error ? error.message.split('\n')[0] : ''}`,
		);
	}
	const installed = USUAL.find((path) => existsSync(path));
	if (installed === undefined) throw new StartError(`${needed}; apt-get installed none: set CHROMIUM_PATH.`);
	return installed;
}
