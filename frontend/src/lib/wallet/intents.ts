/**
 * What was confirmed on the page and did not reach the wallet yet: it is read and simulated first, which takes a moment. The tab keeps it in sessionStorage, so that after a
 * reload in that moment its owner is told that nothing was sent.
 */
import { z } from 'zod';

const KEY = 'necto.intents.1';

const intentsSchema = z.array(z.object({ id: z.uuid(), title: z.string().max(200) })).max(50);
export type Intent = z.infer<typeof intentsSchema>[number];

/** Keeps an intent until {@link dropIntent}. */
export function keepIntent(id: string, title: string): void {
	write([...read(), { id, title: title.slice(0, 200) }]);
}

/** The wallet is about to be asked, or will not be: from here on others tell of it. */
export function dropIntent(id: string): void {
	write(read().filter((each) => each.id !== id));
}

/** The intents that an earlier page of this tab left, each once. */
export function takeIntents(): Intent[] {
	const left = read();
	write([]);
	return left;
}

function read(): Intent[] {
	try {
		return intentsSchema.parse(JSON.parse(sessionStorage.getItem(KEY) ?? '[]'));
	} catch {
		return [];
	}
}

function write(intents: readonly Intent[]): void {
	try {
		if (intents.length === 0) sessionStorage.removeItem(KEY);
		else sessionStorage.setItem(KEY, JSON.stringify(intents));
	} catch {
		// The storage is full or forbidden: a reload is then not told of.
	}
}
