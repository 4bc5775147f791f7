import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { styleText } from 'node:util';
import { isInstalled } from '../bootstrap.mjs';
import { reasonOf, StartError } from './errors.ts';
import { root } from './paths.ts';
import { complain, say, seconds } from './say.ts';
import { wantsHelp } from './settings.ts';
import { findChromium } from './test/chromium.ts';
import { type Outcome, runSteps } from './test/runner.ts';
import { chooseSteps, resolveCommand, type Step, steps } from './test/steps.ts';

const children = new Set<number>();

function runCommand(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
	const [program, args] = resolveCommand(command);
	return new Promise((resolve) => {
		const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
		const parts: Buffer[] = [];
		const keep = (part: Buffer) => parts.push(part);
		child.stdout.on('data', keep);
		child.stderr.on('data', keep);
		if (child.pid !== undefined) children.add(child.pid);
		child.once('error', (error) => resolve({ passed: false, output: error.message }));
		child.once('close', (code) => {
			if (child.pid !== undefined) children.delete(child.pid);
			resolve({ passed: code === 0, output: Buffer.concat(parts).toString('utf8') });
		});
	});
}

async function runStep(step: Step, env: NodeJS.ProcessEnv): Promise<Outcome> {
	const started = performance.now();
	const outputs: string[] = [];
	let passed = true;
	for (const command of step.commands) {
		const outcome = await runCommand(command, join(root, step.cwd ?? '.'), env);
		outputs.push(`$ ${command.join(' ')}\n${outcome.output}`);
		passed = outcome.passed;
		if (!passed) break;
	}
	const mark = passed ? styleText('green', '✓') : styleText('red', '✗');
	say(`  ${mark} ${step.name.padEnd(24)} ${seconds(started)}`);
	const output = outputs.join('\n');
	if (!passed) say(`${output.trimEnd()}\n`);
	return { passed, output };
}

async function environment(chosen: readonly Step[]): Promise<NodeJS.ProcessEnv> {
	const tools = [dirname(process.execPath), join(root, 'node_modules/.bin'), process.env.PATH ?? ''];
	return {
		...process.env,
		PATH: tools.join(delimiter),
		NO_COLOR: '1',
		FORCE_COLOR: undefined,
		...(chosen.some(({ browser }) => browser === true) ? { CHROMIUM_PATH: await findChromium() } : {}),
	};
}

/** `npm test [-- words]`: checks everything, or the steps whose names hold one of the words. */
async function main(): Promise<void> {
	const started = performance.now();
	if (wantsHelp(process.argv.slice(2))) {
		say(
			`Usage: npm test [-- WORD ...]\n\nRuns every step, or those whose name holds a word: ${steps.map(({ name }) => name).join(', ')}.`,
		);
		return;
	}
	const chosen = chooseSteps(steps, process.argv.slice(2));
	if (chosen.length === 0) {
		throw new StartError(`No step has such a name. There are: ${steps.map(({ name }) => name).join(', ')}.`);
	}
	if (!isInstalled(root)) {
		throw new StartError('node_modules and package-lock.json differ: run `npm install` and commit the lockfile.');
	}
	const env = await environment(chosen);
	say(`Checking ${chosen.length === 1 ? 'one thing' : `${chosen.length} things`}…`);
	const outcomes = await runSteps(chosen, (step) => runStep(step, env));
	for (const { name } of chosen) {
		const outcome = outcomes.get(name);
		if (outcome?.output.startsWith('Not run')) say(`  ${styleText('red', '✗')} ${name.padEnd(24)} ${outcome.output}`);
	}
	const passed = [...outcomes.values()].filter((outcome) => outcome.passed).length;
	const failed = outcomes.size - passed;
	say(`${passed} passed, ${failed} failed (${seconds(started)})`);
	process.exitCode = failed === 0 ? 0 : 1;
}

function stopChildren(): void {
	for (const pid of children) {
		try {
			process.kill(-pid, 'SIGTERM');
		} catch {
			// Gone meanwhile.
		}
	}
	process.exit(130);
}

process.on('SIGINT', stopChildren);
process.on('SIGTERM', stopChildren);

try {
	await main();
} catch (error) {
	complain(error instanceof StartError ? error.message : `The tests could not be run: ${reasonOf(error)}`);
	process.exitCode = 1;
}
