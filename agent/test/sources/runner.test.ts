import { describe, expect, it } from 'vitest';
import { akash } from '../../src/sources/akash.ts';
import { SourceRunner } from '../../src/sources/asking/runner.ts';
import { bindSource, SourceError } from '../../src/sources/asking/source.ts';
import { fakeServer, sendJson } from '../support/http.ts';
import { ask, closeFakes, NOW, settingsOf } from '../support/source.ts';

closeFakes();

const stop = new AbortController().signal;
const good = {
	models: [
		{
			vendor: 'nvidia',
			model: 'a100',
			ram: '80Gi',
			interface: 'SXM4',
			availability: { total: 222, available: 116 },
			price: { currency: 'USD', min: 1.07 },
		},
	],
};

describe('AGT-01 a source’s runner', () => {
	it('stops reading an answer without an end', async () => {
		const chunk = Buffer.alloc(1024 * 1024, 'x');
		const { failing } = await ask(
			akash,
			(_, response) => {
				response.writeHead(200, { 'content-type': 'application/json' });
				const more = () => {
					while (!response.destroyed && response.write(chunk));
				};
				response.on('drain', more);
				more();
			},
			{ timeoutMs: 20_000 },
		);
		expect(failing?.failure).toBe('too-large');
	});

	it('keeps the last good answer while it fails, and recovers', async () => {
		let broken = false;
		const { runner } = await ask(akash, (_, response) =>
			broken ? sendJson(response, {}, 404) : sendJson(response, good),
		);
		broken = true;
		await runner.refresh(stop);
		expect(runner.reading.quotes).toHaveLength(1);
		expect(runner.reading.failing?.failure).toBe('status');
		broken = false;
		await runner.refresh(stop);
		expect(runner.reading.failing).toBeNull();
	});

	it('tries again when it may pass, and leaves the source alone after failing in a row', async () => {
		const { fake, runner } = await ask(akash, (_, response) => sendJson(response, {}, 503));
		expect(fake.requests).toHaveLength(3);
		await runner.refresh(stop);
		expect(runner.resting).toBe(true);
		const asked = fake.requests.length;
		await runner.refresh(stop);
		expect(fake.requests).toHaveLength(asked);
		// Why it is left alone is what it said, not that it is left alone.
		expect(runner.reading.failing).toMatchObject({ failure: 'status', message: 'Akash answers with status 503.' });
	});

	it('does not follow a source that speaks for another', async () => {
		const fake = await fakeServer((_, response) => sendJson(response, good));
		const liar = { ...bindSource(akash, settingsOf(akash, fake.url)), id: 'lambda' };
		const runner = new SourceRunner(liar, { timeoutMs: 3_000, now: () => NOW });
		await runner.refresh(stop);
		await fake.close();
		expect(runner.reading.quotes).toEqual([]);
		expect(runner.reading.failing?.failure).toBe('shape');
	});
});

describe('a source’s failure', () => {
	it('is tried again only when that can help', () => {
		expect(new SourceError('timeout', '').transient).toBe(true);
		expect(new SourceError('shape', '').transient).toBe(false);
		expect(new SourceError('rate-limited', '').transient).toBe(false);
	});
});
