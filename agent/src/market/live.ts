/** Listens to the indexer's `GET /live` and says when listings have changed. A convenience: without it, waiting jobs are looked at by the clock. */
import { z } from 'zod';
import type { Logger } from '../logger.ts';
import { backoff, pause } from '../time.ts';

const changeSchema = z.object({ tables: z.array(z.string()) });
/** Twice the indexer's heartbeat and a little: silence this long is a dead line. */
const SILENCE_MS = 40_000;
const MAX_EVENT = 1_000_000;

/** Runs until the signal fires; comes back by itself when the line breaks. */
export async function followListings(
	indexerUrl: string,
	onChange: () => void,
	logger: Logger,
	signal: AbortSignal,
): Promise<void> {
	for (let attempt = 0; !signal.aborted; attempt++) {
		const began = Date.now();
		try {
			await listen(`${indexerUrl}/live?tables=listing`, onChange, signal);
		} catch (error) {
			logger.debug({ error }, 'The line to the indexer broke');
		}
		if (Date.now() - began > SILENCE_MS) attempt = 0;
		await pause(backoff(attempt, 250, 15_000), signal);
	}
}

async function listen(url: string, onChange: () => void, signal: AbortSignal): Promise<void> {
	const silence = new AbortController();
	let timer: NodeJS.Timeout | undefined;
	const heard = () => {
		clearTimeout(timer);
		timer = setTimeout(() => silence.abort(), SILENCE_MS);
	};
	heard();
	try {
		const response = await fetch(url, {
			headers: { accept: 'text/event-stream' },
			redirect: 'error',
			signal: AbortSignal.any([signal, silence.signal]),
		});
		if (!response.ok || response.body === null) {
			await response.body?.cancel();
			throw new Error(`The indexer answers /live with status ${response.status}.`);
		}
		let pending = '';
		for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
			heard();
			pending += part.replaceAll('\r\n', '\n');
			if (pending.length > MAX_EVENT) throw new Error('The indexer sent an event without an end.');
			const events = pending.split('\n\n');
			pending = events.pop() ?? '';
			if (events.some(isListingChange)) onChange();
		}
	} finally {
		clearTimeout(timer);
	}
}

function isListingChange(event: string): boolean {
	const data = event
		.split('\n')
		.filter((line) => line.startsWith('data:'))
		.map((line) => line.slice(5).trim())
		.join('\n');
	if (data === '') return false;
	try {
		const change = changeSchema.safeParse(JSON.parse(data));
		return change.success && change.data.tables.includes('listing');
	} catch {
		return false;
	}
}
