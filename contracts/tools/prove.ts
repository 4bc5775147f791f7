/**
 * Proves the Escrow's bookkeeping with the compiler's SMTChecker (BMC engine, from any state) and z3: `contracts/smt/Ledger.sol` says what and how.
 *
 * `node contracts/tools/prove.ts [WORD]`, only steps with WORD in their names. Then it puts known faults into the lifted code, one at a time, and fails unless each makes a property fail:
 * a proof that cannot fail proves nothing.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from './artifacts.ts';

const HARNESS = 'contracts/smt/Ledger.sol';

/** Seconds for one property. */
const LIMIT = 120;

/** What cannot be lifted, and what stands for it in the harness. Each has to be found, or the sources changed and this with them. */
const MODELLED: readonly (readonly [string, string])[] = [
	['IERC20(USDC).safeTransfer(to, amount);', '_send();'],
	['amount.toUint128()', '_toUint128(amount)'],
	['IJobRegistry(JOB_REGISTRY).refreshRouter(msg.sender);', ''],
	['IJobRegistry(JOB_REGISTRY).refreshRouter(router);', ''],
];

/** A fault that has to be caught: the step of the harness that shows it, what is replaced, and by what. */
interface Fault {
	name: string;
	step: string;
	before: string;
	after: string;
}

const FAULTS: readonly Fault[] = [
	{
		name: 'the fee reaches nobody',
		step: 'doRelease',
		before: '_balances[treasury].available += fee;',
		after: '',
	},
	{
		name: 'the payee gets the fee too',
		step: 'doRelease',
		before: 'available += paid - fee',
		after: 'available += paid',
	},
	{
		name: 'more is given back than was locked',
		step: 'doRelease',
		before: 'balance.available + (locked - paid)',
		after: 'balance.available + locked',
	},
	{
		name: 'a lock outlives its release',
		step: 'doRelease',
		before: 'balance.locked - locked',
		after: 'balance.locked - paid',
	},
	{
		name: 'what is locked stays available',
		step: 'doLock',
		before: 'balance.available - amount',
		after: 'balance.available',
	},
	{
		name: 'a token that takes more goes unnoticed',
		step: 'doWithdraw',
		before: 'require(sent == amount, UnexpectedTransfer(amount, sent));',
		after: '',
	},
	{
		name: 'a token that brings less goes unnoticed',
		step: 'doDeposit',
		before: 'require(received == amount, UnexpectedTransfer(amount, received));',
		after: '',
	},
	{ name: 'the buyer gets what the challenger got', step: 'doSlash', before: 'taken - rewarded', after: 'taken' },
	{
		name: 'a bond that left is still there',
		step: 'doWithdrawBond',
		before: 'bond.amount - bond.leaving',
		after: 'bond.amount',
	},
];

/** The part of the npm package `solc` that is used: it has no types of its own. */
interface Solc {
	compile(
		input: string,
		callbacks: {
			import(path: string): { contents: string };
			smtSolver(query: string): { contents: string };
		},
	): string;
}

const outputSchema = z.object({
	errors: z
		.array(
			z.object({
				severity: z.string(),
				message: z.string(),
				formattedMessage: z.string(),
				sourceLocation: z.object({ file: z.string(), start: z.number() }).optional(),
			}),
		)
		.default([]),
});

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const say = (text: string) => process.stdout.write(`${text}\n`);

/** The text from `from` to the brace that closes the first one after it. */
function blockAt(text: string, from: number): string {
	let depth = 0;
	for (let place = text.indexOf('{', from); place < text.length; place++) {
		if (text[place] === '{') depth++;
		if (text[place] === '}' && --depth === 0) return text.slice(from, place + 1);
	}
	throw new Error('A block does not end.');
}

/** Structs, events and errors of an interface. */
function declarationsOf(path: string): string {
	const text = read(path);
	const structs = [...text.matchAll(/^ {4}struct /gm)].map(({ index }) => blockAt(text, index));
	const lines = [...text.matchAll(/^ {4}(?:event|error) [^;]*;/gm)].map(([line]) => line);
	return [...structs, ...lines].join('\n');
}

/** A statement that writes an entry's money, perhaps under a condition or giving the new amount a name. */
const WRITE =
	/^( *)(if \([^{;]*?\) )?(?:uint96 \w+ = )?(_balances\[[^\]]+\](?:\.available)?|_bonds\[[^\]]+\](?:\.amount)?|bond\.amount) [-+]?= [^;]*;/gm;

const entryOf = (place: string) => place.replace(/\.available$/, '');

/** A function word by word, but for whom it lets in. */
function liftedFrom(path: string, name: string): string {
	const text = read(path);
	const start = text.search(new RegExp(`^ {4}function ${name}\\(`, 'm'));
	if (start < 0) throw new Error(`${path} has no function ${name} any more: mend ${HARNESS}.`);
	// The checker forgets all of a mapping when a storage pointer is written through: the entry is named instead.
	const written = blockAt(text, start);
	const pointed = /\n *Bond storage bond = (\S+);/.exec(written);
	const block = pointed ? written.replace(pointed[0], '').replaceAll(/\bbond\./g, `${pointed[1]}.`) : written;
	const brace = block.indexOf('{');
	const head = block
		.slice(0, brace)
		.replace(/\b(external|public|internal|private)\b/, 'private')
		.replace(/\b(onlyJobRegistry|onlyChallenge|nonReentrant|virtual)\b/g, '');
	const body = block
		.slice(brace)
		.replace(WRITE, (statement, indent: string, condition: string | undefined, place: string) => {
			const count = (sign: string) =>
				place.includes('bond')
					? `_total ${sign}= int256(uint256(${place.replace(/\.amount$/, '')}.amount));`
					: `_locked ${sign}= int256(uint256(${entryOf(place)}.locked)); _total ${sign}= int256(uint256(${entryOf(place)}.available)) + int256(uint256(${entryOf(place)}.locked));`;
			const bare = statement.slice(indent.length + (condition?.length ?? 0));
			const counted = `${count('-')} ${bare} ${count('+')}`;
			return condition ? `${indent}${condition}{ ${counted} }` : `${indent}${counted}`;
		});
	const writes =
		block.match(/(_balances\[[^\]]*\]|_bonds\[[^\]]*\]|bond\.amount)(\.(available|locked|amount))? [-+]?= /g)?.length ??
		0;
	if (writes !== (body.match(/_total -= /g)?.length ?? 0))
		throw new Error(`${path}: not every write of ${name} can be counted: mend ${HARNESS}.`);
	return head + body;
}

/** The harness with the sources' own code in it. */
function build(): string {
	let text = read(HARNESS)
		.replace(/\/\/ prove: declarations of (\S+)/g, (_, path: string) => declarationsOf(path))
		.replace(/\/\/ prove: functions of (\S+): (.*)/g, (_, path: string, names: string) =>
			names
				.split(' ')
				.map((name) => liftedFrom(path, name))
				.join('\n\n'),
		);
	for (const [real, model] of MODELLED) text = replaced(text, real, model);
	return text;
}

/** The harness with one of its steps: the others would only cost time. */
function only(step: string): string {
	const steps = stepsOf(harness);
	if (!steps.includes(step)) throw new Error(`${HARNESS} has no step ${step}.`);
	const without = (text: string, name: string) =>
		text.replace(blockAt(text, text.indexOf(`    function ${name}(`)), '');
	return steps.reduce((text, name) => (name === step ? text : without(text, name)), harness);
}

/** The functions of the harness that are called from outside: what can be done, and how it begins. */
function stepsOf(text: string): string[] {
	return [...text.matchAll(/^ {4}function (do\w+|atTheStart)\(/gm)].map(([, name = '']) => name);
}

function replaced(text: string, before: string, after: string): string {
	if (!text.includes(before))
		throw new Error(`The sources have no \`${before}\` any more: mend contracts/tools/prove.ts.`);
	return text.replaceAll(before, after);
}

function solve(query: string): { contents: string } {
	const { stdout } = spawnSync('z3', ['-smt2', '-in', `-T:${LIMIT}`], {
		input: query,
		encoding: 'utf8',
		maxBuffer: 2 ** 30,
	});
	// z3 says "timeout", a word that the compiler does not know.
	return { contents: /^(sat|unsat|unknown)/.test(stdout) ? stdout : 'unknown' };
}

/** The asserts that do not hold, or that the solver did not decide, as lines of the harness; none when all is proved. */
function failuresOf(text: string): string[] {
	const input = {
		language: 'Solidity',
		sources: { [HARNESS]: { content: text } },
		settings: {
			remappings: ['@openzeppelin/contracts/=node_modules/@openzeppelin/contracts/'],
			modelChecker: {
				engine: 'bmc',
				solvers: ['smtlib2'],
				targets: ['assert'],
				divModNoSlacks: true,
				contracts: { [HARNESS]: ['Ledger'] },
				showUnproved: true,
				showProvedSafe: true,
			},
		},
	};
	const output = solc.compile(JSON.stringify(input), {
		import: (path) => ({ contents: read(path) }),
		smtSolver: solve,
	});
	const { errors } = outputSchema.parse(JSON.parse(output));
	const broken = errors.find(({ severity }) => severity === 'error');
	if (broken) throw new Error(`The harness does not compile:\n${broken.formattedMessage}`);
	const safe = errors.filter(({ message }) => /^BMC: Assertion violation check is safe/.test(message)).length;
	const failed = errors.filter(({ message }) => /^BMC: Assertion violation (happens|might happen)/.test(message));
	if (safe + failed.length === 0)
		throw new Error(`The checker checked nothing:\n${errors.map(({ message }) => message).join('\n')}`);
	return failed.map(({ message, sourceLocation }) => {
		const start = sourceLocation?.start ?? 0;
		const assertion = Buffer.from(text).subarray(start).toString().split(';', 1)[0];
		return `${assertion} ${message.includes('might') ? 'not decided' : 'fails'}`;
	});
}

if (spawnSync('z3', ['--version']).error) {
	process.stderr.write('There is no z3. On Debian and Ubuntu: `apt-get install z3`; on macOS: `brew install z3`.\n');
	process.exit(1);
}
// The compiler is CommonJS without types.
const solc: Solc = createRequire(import.meta.url)('solc');
const harness = build();
const wanted = process.argv[2] ?? '';
for (const step of stepsOf(harness).filter((step) => step.includes(wanted))) {
	const started = Date.now();
	const failures = failuresOf(only(step));
	say(
		`${failures.length === 0 ? 'Proved' : 'NOT PROVED'}: ${step} (${((Date.now() - started) / 1000).toFixed(1)} s) ${failures.join(', ')}`,
	);
	if (failures.length > 0) process.exitCode = 1;
}
for (const { name, step, before, after } of FAULTS.filter(({ step }) => step.includes(wanted))) {
	// Not to have decided is not to have noticed.
	const found = failuresOf(replaced(only(step), before, after)).filter((failure) => failure.endsWith(' fails'));
	if (found.length === 0) {
		process.stderr.write(`Not noticed: ${name}\n`);
		process.exitCode = 1;
	} else say(`Noticed: ${name}: ${found.join(', ')}`);
}
