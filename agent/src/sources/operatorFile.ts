/** The file in which an operator states what nobody publishes: quotes by contract, and the figures behind an estimate. docs/sources/token-networks.md shows one. */
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { faultIn } from '../faults.ts';
import { startOfDay } from '../time.ts';
import { SourceError } from './asking/source.ts';

/** Names the file. */
export const OPERATOR_FILE = 'OPERATOR_QUOTES_FILE';
/** For a source's `options`. */
export const operatorFileOption = {
	[OPERATOR_FILE]: { value: '', about: 'Path of a file in the format necto.operator-quotes/1 with your own quotes.' },
};

const MAX_BYTES = 1024 * 1024;

/** Plain digits above zero. */
const amount = z
	.string()
	.regex(/^\d{1,20}(\.\d{1,30})?$/, 'must be a decimal such as "1.25"')
	.refine((text) => /[1-9]/.test(text), 'must be above zero');
const whole = z.int().min(1).max(0xffff);
const text = (maximum: number) => z.string().trim().min(1).max(maximum);

/** A figure is worth what its origin is worth: both have to be said. */
const figure = {
	/** Where it was said: an e-mail, a page, a contract. */
	source: text(200),
	/** The day on which it was said. */
	date: z.iso.date(),
};

const rate = z.strictObject({ usd: amount, ...figure });

export const operatorQuoteSchema = z
	.strictObject({
		/** Unique in the file. */
		id: z.string().regex(/^[\x21-\x7e]{1,100}$/, 'must be 1 to 100 characters without spaces'),
		network: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,39}$/, 'must be 1 to 40 of a-z, 0-9, . and -'),
		/** Who gave the quote. */
		quotedBy: text(100),
		...figure,
		/** The last day on which it stands. */
		validUntil: z.iso.date(),
		gpu: text(100),
		memoryGiB: whole.nullable().default(null),
		/** GPUs in a machine. */
		count: whole.default(1),
		vcpus: whole.nullable().default(null),
		ramGiB: whole.nullable().default(null),
		region: z.string().max(100).default(''),
		amount,
		currency: z
			.string()
			.regex(/^[A-Z]{3}$/, 'must be a currency such as USD')
			.default('USD'),
		/** Dollars for one of the currency; needed with another than USD. */
		rate: rate.optional(),
		unit: z.enum(['gpu-hour', 'machine-hour']),
		minHours: z.int().min(0).max(100_000).nullable().default(null),
		prepaid: z.boolean().nullable().default(null),
		/** The term of the price in the words of who quoted it, where it is not on demand: `reserved for a year`. */
		term: text(60).optional(),
		available: z.enum(['available', 'none', 'unknown']).default('unknown'),
	})
	.refine(({ currency, rate: given }) => (currency === 'USD') === (given === undefined), {
		path: ['rate'],
		error: 'must be given with a currency other than USD, and with no other',
	});
export type OperatorQuote = z.output<typeof operatorQuoteSchema>;

const renderSchema = z.strictObject({
	tier: text(40),
	/** Hours of one OctaneBench point that a euro buys in that tier. */
	pointHoursPerEuro: z.strictObject({ value: amount, ...figure }),
	usdPerEuro: rate,
	/** OctaneBench points of one card. */
	scores: z
		.array(z.strictObject({ gpu: text(100), value: amount, ...figure }))
		.min(1)
		.max(500),
	/** The last day on which these figures are to be used. */
	validUntil: z.iso.date(),
});
export type RenderFigures = z.output<typeof renderSchema>;

const fileSchema = z.strictObject({
	format: z.literal('necto.operator-quotes/1'),
	quotes: z.array(z.unknown()).max(10_000).default([]),
	render: renderSchema.optional(),
});
export type OperatorFile = z.output<typeof fileSchema>;

/** @throws SourceError naming what is wrong with it; the file's path stays out of it */
export function parseOperatorFile(body: unknown): OperatorFile {
	const parsed = fileSchema.safeParse(body);
	if (parsed.success) return parsed.data;
	throw new SourceError('shape', `${OPERATOR_FILE} is wrong at ${problemIn(parsed.error)}`);
}

/** Where in a value something is wrong, and what: `scores.0.value: must be above zero.` */
export function problemIn({ issues: [issue] }: z.ZodError): string {
	const path = issue === undefined || issue.path.length === 0 ? 'the top' : issue.path.join('.');
	return `${path}: ${issue === undefined ? 'not of the documented shape' : faultIn(issue)}.`.slice(0, 200);
}

/** @throws SourceError when it cannot be read, is too large or is not JSON */
export async function readOperatorFile(path: string): Promise<OperatorFile> {
	return parseOperatorFile(jsonOf(await textOf(path)));
}

function jsonOf(content: string): unknown {
	try {
		return JSON.parse(content);
	} catch (cause) {
		throw new SourceError('not-json', `${OPERATOR_FILE} is not JSON.`, { cause });
	}
}

async function textOf(path: string): Promise<string> {
	try {
		const file = await open(path, 'r');
		try {
			const { size } = await file.stat();
			if (size > MAX_BYTES) throw new SourceError('too-large', `${OPERATOR_FILE} is larger than ${MAX_BYTES} bytes.`);
			// What grows while it is read is cut off, and is no JSON then.
			const buffer = Buffer.alloc(MAX_BYTES);
			const { bytesRead } = await file.read(buffer, 0, MAX_BYTES, 0);
			return buffer.toString('utf8', 0, bytesRead);
		} finally {
			await file.close();
		}
	} catch (cause) {
		if (cause instanceof SourceError) throw cause;
		throw new SourceError('refused', `${OPERATOR_FILE} names a file that cannot be read.`, { cause });
	}
}

/** Unix seconds of a day's last second, UTC. */
export function endOf(day: string): number {
	return startOfDay(day) + 86_399;
}
