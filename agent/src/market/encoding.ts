/**
 * A source's offers as bytes for the database: gzip of JSON lines, each with at most `IN_LINE` offers, so that neither side has to hold or parse all of it at once.
 * Times of observation are written as seconds before the newest one, which is kept beside the bytes: an answer in which nothing changed has the same bytes.
 */
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { inferenceOfferSchema, quoteSchema, unixSeconds } from '@necto/core';
import { z } from 'zod';
import type { Offered } from './readings.ts';

export interface EncodedOffers {
	bytes: Buffer;
	/** SHA-256 of the text, which is the same for the same offers, in hexadecimal digits. */
	hash: string;
	/** Unix seconds of the newest observation; 0 without offers. */
	newest: number;
}

const IN_LINE = 250;
/** More than the largest catalogue takes; what is larger is not published. */
export const MOST_BYTES = 32 * 1024 * 1024;
const MOST_TEXT = 512 * 1024 * 1024;
const MOST_LINE = 8 * 1024 * 1024;

const lineSchema = z.union([
	z.strictObject({ quotes: z.array(quoteSchema).max(IN_LINE) }),
	z.strictObject({ inference: z.array(inferenceOfferSchema).max(IN_LINE) }),
]);

/** @throws RangeError when the offers take more than `MOST_BYTES` */
export async function encodeOffers({ quotes, inference }: Offered): Promise<EncodedOffers> {
	const newest = [...quotes, ...inference].reduce((latest, { observedAt }) => Math.max(latest, observedAt), 0);
	const hash = createHash('sha256');
	// Compressed in a thread of its own; level 4 takes a third of the time of the default and a tenth more bytes.
	const gzip = createGzip({ level: 4 });
	const parts: Buffer[] = [];
	let size = 0;
	gzip.on('data', (part: Buffer) => {
		size += part.length;
		parts.push(part);
	});
	const ended = new Promise<void>((resolve, reject) => {
		gzip.once('end', resolve);
		gzip.once('error', reject);
	});
	for (const line of linesOf({ quotes, inference }, newest)) {
		hash.update(line);
		if (!gzip.write(line)) await new Promise<void>((resolve) => gzip.once('drain', resolve));
		if (size > MOST_BYTES) break;
		await turn();
	}
	gzip.end();
	await ended;
	if (size > MOST_BYTES) throw new RangeError(`The offers take more than ${MOST_BYTES} bytes.`);
	return { bytes: Buffer.concat(parts), hash: hash.digest('hex'), newest };
}

/**
 * @param newest as `encodeOffers` gave it
 * @throws Error when the bytes are none of `encodeOffers`
 */
export async function decodeOffers(bytes: Uint8Array, newest: number): Promise<Offered> {
	const quotes: Offered['quotes'][number][] = [];
	const inference: Offered['inference'][number][] = [];
	for await (const line of textLines(bytes)) {
		const read = lineSchema.parse(JSON.parse(line));
		if ('quotes' in read) quotes.push(...movedTo(read.quotes, newest));
		else inference.push(...movedTo(read.inference, newest));
		await turn();
	}
	return { quotes, inference };
}

/** The same offers, seen `seconds` later. */
export function seenLater({ quotes, inference }: Offered, seconds: number): Offered {
	const later = <Offer extends { observedAt: number }>(offers: readonly Offer[]) =>
		offers.map((offer) => ({ ...offer, observedAt: unixSeconds(offer.observedAt + seconds) }));
	return { quotes: later(quotes), inference: later(inference) };
}

function* linesOf({ quotes, inference }: Offered, newest: number): Generator<string> {
	const aged = <Offer extends { observedAt: number }>(offer: Offer) => ({
		...offer,
		observedAt: newest - offer.observedAt,
	});
	for (let at = 0; at < quotes.length; at += IN_LINE) {
		const part = quotes.slice(at, at + IN_LINE).map((quote) => aged(z.encode(quoteSchema, quote)));
		yield `${JSON.stringify({ quotes: part })}\n`;
	}
	for (let at = 0; at < inference.length; at += IN_LINE) {
		yield `${JSON.stringify({ inference: inference.slice(at, at + IN_LINE).map(aged) })}\n`;
	}
}

function movedTo<Offer extends { observedAt: number }>(offers: readonly Offer[], newest: number): Offer[] {
	return offers.map((offer) => ({ ...offer, observedAt: unixSeconds(newest - offer.observedAt) }));
}

async function* textLines(bytes: Uint8Array): AsyncGenerator<string> {
	const gunzip = createGunzip();
	gunzip.end(bytes);
	const decoder = new TextDecoder('utf-8', { fatal: true });
	let pending = '';
	let size = 0;
	for await (const part of gunzip) {
		size += (part as Buffer).length;
		const [first = '', ...rest] = decoder.decode(part as Buffer, { stream: true }).split('\n');
		pending += first;
		for (const next of rest) {
			yield pending;
			pending = next;
		}
		if (size > MOST_TEXT || pending.length > MOST_LINE) throw new RangeError('The stored offers are too large.');
	}
	if (pending !== '') throw new Error('The stored offers end in the middle of a line.');
}
