/**
 * `npm run offers -- FILE... [--source ID] [--date YYYY-MM-DD] [--token AKT=0.52]... [--json]`
 *
 * Reads files as the live sources would read them and prints what each row comes to in USD per GPU-hour, and why the others make no offer.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type TokenPrice, tokenPriceSchema } from '@necto/core';
import { messageOf } from '../errors.ts';
import { nowSeconds, startOfDay } from '../time.ts';
import { linesOf, type OfferLine, type Reading, readOffers } from './reading.ts';

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		source: { type: 'string' },
		date: { type: 'string' },
		token: { type: 'string', multiple: true, default: [] },
		json: { type: 'boolean', default: false },
	},
});

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

function showJson(file: string, { source, answer }: Reading, offers: readonly OfferLine[]): void {
	const { left, incomplete, inference = [] } = answer;
	const text = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
	// Counted apart: they are no prices of an hour on demand.
	const onOtherTerms = offers.filter(({ term }) => term !== null).length;
	say(JSON.stringify({ file, source: source.id, offers, onOtherTerms, inference, left, incomplete }, text));
}

function showTable(path: string, { source, answer }: Reading, lines: readonly OfferLine[]): void {
	say(`${path}: ${source.name}, ${lines.length} offers. ${source.about}`);
	for (const { price, gpus, gpu, pricing, term, region, available, key } of lines) {
		const cells = [price.padStart(12), gpus.padStart(5), gpu.padEnd(28), pricing.padEnd(22), region.padEnd(14)];
		say([...cells, available.padEnd(10), key, ...(term === null ? [] : [`(${term})`])].join('  '));
	}
	for (const { provider, model, inputPerMillion, outputPerMillion, currency } of answer.inference ?? []) {
		const prices = `${inputPerMillion ?? '?'} in, ${outputPerMillion ?? '?'} out`;
		say(`${model} by ${provider}: ${prices}, ${currency} for a million tokens`);
	}
	const onOtherTerms = lines.filter(({ term }) => term !== null).length;
	if (onOtherTerms > 0) say(`${onOtherTerms} × neither on demand nor spot: ranked only when asked for`);
	for (const [reason, rows] of Object.entries(answer.left)) say(`${rows} × no offer: ${reason}`);
	if (answer.incomplete !== null) say(answer.incomplete);
}

if (positionals.length === 0) {
	say('Usage: npm run offers -- FILE... [--source ID] [--date YYYY-MM-DD] [--token AKT=0.52]... [--json]');
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
