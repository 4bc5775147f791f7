/** Offers on their way through the database. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeOffers, encodeOffers } from '../src/market/encoding.ts';
import { NOW, offer } from './support/market.ts';

const inference = [
	{
		key: 'x:gpt' as never,
		source: 'x' as never,
		provider: 'X',
		model: 'gpt',
		service: 'chat',
		evidence: 'live' as const,
		observedAt: (NOW - 7) as never,
		currency: 'USD',
		inputPerMillion: '0.15',
		outputPerMillion: null,
		verifiability: 'TeeML',
	},
];
const quotes = Array.from({ length: 600 }, (_, at) =>
	offer('x', `offer ${at} ünïcode`, '1.25', { observedAt: (NOW - at) as never }),
);

describe('the encoding of offers', () => {
	it('gives back what went in, in its order', async () => {
		const { bytes, newest } = await encodeOffers({ quotes, inference });
		expect(newest).toBe(NOW);
		expect(await decodeOffers(bytes, newest)).toEqual({ quotes, inference });
		const empty = await encodeOffers({ quotes: [], inference: [] });
		expect(await decodeOffers(empty.bytes, empty.newest)).toEqual({ quotes: [], inference: [] });
	});

	it('is the same for offers that were only seen later', async () => {
		const later = quotes.map((quote) => ({ ...quote, observedAt: (quote.observedAt + 300) as never }));
		const [before, after] = [
			await encodeOffers({ quotes, inference: [] }),
			await encodeOffers({ quotes: later, inference: [] }),
		];
		expect(after.hash).toBe(before.hash);
		expect(after.newest).toBe(before.newest + 300);
		expect(await decodeOffers(before.bytes, after.newest)).toEqual({ quotes: later, inference: [] });
		const [, ...rest] = quotes;
		const dearer = [offer('x', 'offer 0 ünïcode', '1.26', { observedAt: NOW as never }), ...rest] as typeof quotes;
		expect((await encodeOffers({ quotes: dearer, inference: [] })).hash).not.toBe(before.hash);
	});

	it.each([
		['no gzip', Buffer.from('{}')],
		['another shape', gzipSync('{"quotes":[{"key":1}]}\n')],
		['half a line', gzipSync('{"quotes":[]}\n{"quo')],
		['no JSON', gzipSync('hello\n')],
	])('refuses %s', async (_, bytes) => {
		await expect(decodeOffers(bytes, NOW)).rejects.toThrow();
	});

	it('refuses a line without an end, however well it compresses', async () => {
		await expect(decodeOffers(gzipSync(' '.repeat(20 * 1024 * 1024)), NOW)).rejects.toThrow('too large');
	});
});
