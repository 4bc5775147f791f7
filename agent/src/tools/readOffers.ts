/**
 * `npm run offers -- FILE...`; `--help` lists the options.
 *
 * Reads files as the live sources would read them and prints what each row comes to in USD per GPU-hour, and why the others make no offer.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type TokenPrice, tokenPriceSchema } from '@necto/core';
import { messageOf } from '../errors.ts';
import { nowSeconds, startOfDay } from '../time.ts';
import { linesOf, type OfferLine, type Reading, readOffers } from './reading.ts';

const USAGE = `Usage: npm run offers -- FILE... [options]

Reads files with a network's answer, a catalogue or an operator's quotes, and prints what each row comes to in USD per GPU-hour.

  --source ID         read as this source; without, every source that reads files tries
  --date YYYY-MM-DD   the day that the figures are of; today without
  --token AKT=0.52    the price of a token in USD; may be repeated
  --json              print JSON
  --help              print this

A file to try: docs/sources/operator-quotes.example.json`;

const { values, positionals } = readArguments();

function readArguments() {
	try {
		return parseArgs({
			allowPositionals: true,
			options: {
				source: { type: 'string' },
				date: { type: 'string' },
				token: { type: 'string', multiple: true, default: [] },
				json: { type: 'boolean', default: false },
				help: { type: 'boolean', short: 'h', default: false },
			},
		});
	} catch (error) {
		process.stderr.write(`${messageOf(error)}\n\n${USAGE}\n`);
		process.exit(2);
	}
}

function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

function takenAt(): number {
	if (values.date === undefined) return nowSeconds();
	const taken = startOfDay(values.date);
	if (Number.isNaN(taken)) throw new Error(`--date is '${values.date}'; it must be a day such as 2026-08-20.`);
	return taken;
}

function tokenPrices(taken: number): TokenPrice[] {
	return values.token.map((text) => {
		const [symbol = '', usd = ''] = text.split('=');
		return tokenPriceSchema.parse({ symbol, usd, source: 'given', observedAt: taken });
	});
}

function show(path: string): void {
	const taken = takenAt();
	const reading = readOffers(readFileSync(path, 'utf8'), taken, values.source);
	const lines = linesOf(reading.answer.quotes, tokenPrices(taken), taken);
	if (values.json) showJson(path, reading, lines);
	else showTable(path, reading, lines);
}

type Lines = ReturnType<typeof linesOf>;

function showJson(file: string, { source, answer }: Reading, lines: Lines): void {
	const { left, incomplete, inference = [] } = answer;
	const text = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
	say(JSON.stringify({ file, source: source.id, ...lines, inference, left, incomplete }, text));
}

function showTable(path: string, { source, answer }: Reading, { offers, otherTerms }: Lines): void {
	const count = offers.length + otherTerms.length;
	say(`${path}: ${source.name}, ${count} ${count === 1 ? 'offer' : 'offers'}. ${source.about}`);
	showLines(offers);
	if (otherTerms.length > 0)
		say(`${otherTerms.length} of them on other rental terms, which rank only when they are asked for:`);
	showLines(otherTerms);
	showRest(answer);
}

function showLines(lines: readonly OfferLine[]): void {
	for (const { price, gpus, gpu, pricing, region, available, key, termAsPublished } of lines) {
		const cells = [price.padStart(12), gpus.padStart(5), gpu.padEnd(28), pricing.padEnd(22), region.padEnd(14)];
		say([...cells, available.padEnd(10), key, termAsPublished ?? ''].join('  ').trimEnd());
	}
}

function showRest(answer: Reading['answer']): void {
	for (const { provider, model, inputPerMillion, outputPerMillion, currency } of answer.inference ?? []) {
		const prices = `${inputPerMillion ?? '?'} in, ${outputPerMillion ?? '?'} out`;
		say(`${model} by ${provider}: ${prices}, ${currency} for a million tokens`);
	}
	for (const [reason, rows] of Object.entries(answer.left)) say(`${rows} × no offer: ${reason}`);
	if (answer.incomplete !== null) say(answer.incomplete);
}

if (values.help) {
	say(USAGE);
	process.exit(0);
}
if (positionals.length === 0) {
	process.stderr.write(`${USAGE}\n`);
	process.exit(2);
}
for (const path of positionals) {
	try {
		show(path);
	} catch (error) {
		process.stderr.write(`${path}: ${messageOf(error)}\n`);
		process.exitCode = 1;
	}
}
