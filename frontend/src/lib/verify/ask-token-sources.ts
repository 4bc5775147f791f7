/** Queries the sources of token prices directly, so that a verification does not depend on the router for them. */
import type { TokenAnswer, TokenQuestion } from '@necto/core';
import { ZodError } from 'zod';
import { readAtMost, TooLargeError } from './read-at-most.ts';
import { isTokenSymbol, TOKEN_SOURCES, type TokenSource } from './token-sources.ts';

/** Largest response that is read: a thousand trades take 80 kB. */
export const MAX_ANSWER_BYTES = 512 * 1024;

export interface AskOptions {
	readonly get?: typeof fetch;
	/** For one response. */
	readonly timeoutMs?: number;
	/** For all of them. */
	readonly totalMs?: number;
}

/** Why a source gave no price, as a sentence. `ends`: the next question to it would fail as well. */
class Silence extends Error {
	readonly ends: boolean;
	constructor(sentence: string, { ends }: { ends: boolean }) {
		super(sentence);
		this.ends = ends;
	}
}

/**
 * Sends each question to its source: all sources in parallel, one question at a time to each. Where a source does not respond, or does not return prices,
 * the answer has the reason. Only the token and the time are sent; redirects are not followed.
 */
export async function askTokenSources(
	questions: readonly TokenQuestion[],
	{ get = fetch, timeoutMs = 10_000, totalMs = 30_000 }: AskOptions = {},
): Promise<TokenAnswer[]> {
	const deadline = AbortSignal.timeout(totalMs);
	const ask = (url: string) =>
		get(url, { ...ANONYMOUS, signal: AbortSignal.any([deadline, AbortSignal.timeout(timeoutMs)]) });
	const bySource = [...Map.groupBy(questions, ({ source }) => source)];
	const answers = await Promise.all(
		bySource.map(([id, own]) => {
			const source = TOKEN_SOURCES.find((known) => known.id === id);
			return source === undefined ? own.map(unknownSource) : askInTurn(source, own, ask);
		}),
	);
	return answers.flat();
}

const ANONYMOUS = {
	credentials: 'omit',
	redirect: 'error',
	referrerPolicy: 'no-referrer',
	cache: 'no-store',
	headers: { accept: 'application/json' },
} as const satisfies RequestInit;

function unknownSource(question: TokenQuestion): TokenAnswer {
	return {
		...question,
		missing: 'This source cannot be queried from a browser: it requires an API key, or it is unknown to this page.',
	};
}

async function askInTurn(
	source: TokenSource,
	questions: readonly TokenQuestion[],
	ask: (url: string) => Promise<Response>,
): Promise<TokenAnswer[]> {
	const answers: TokenAnswer[] = [];
	let ended: string | null = null;
	for (const question of questions) {
		try {
			if (ended !== null) throw new Silence(ended, { ends: true });
			const prices = await pricesOf(source, question, ask);
			answers.push({ ...question, low: String(Math.min(...prices)), high: String(Math.max(...prices)) });
		} catch (error) {
			if (!(error instanceof Silence)) throw error;
			if (error.ends) ended = error.message;
			answers.push({ ...question, missing: error.message });
		}
	}
	return answers;
}

/** @throws Silence */
async function pricesOf(
	source: TokenSource,
	{ symbol, at }: TokenQuestion,
	ask: (url: string) => Promise<Response>,
): Promise<readonly number[]> {
	const { name, origin } = source;
	const path = isTokenSymbol(symbol) ? source.path(symbol, at) : null;
	if (!isTokenSymbol(symbol) || path === null) throw new Silence(`${name} does not list the token.`, { ends: false });
	try {
		const response = await ask(`${origin}${path}`);
		if (response.status === 404) throw new Silence(`${name} does not list the token.`, { ends: false });
		if (!response.ok) throw new Silence(`${name} answered with status ${response.status}.`, { ends: true });
		const bytes = await readAtMost(response, MAX_ANSWER_BYTES);
		const prices = source.read(JSON.parse(new TextDecoder().decode(bytes)), symbol, at);
		if (prices.length === 0) throw new Silence(`${name} has no price near that time.`, { ends: false });
		return prices;
	} catch (error) {
		throw silenceOf(name, error);
	}
}

function silenceOf(name: string, error: unknown): Silence {
	if (error instanceof Silence) return error;
	if (error instanceof TooLargeError) return new Silence(`${name} ${error.message}.`, { ends: true });
	if (error instanceof ZodError || error instanceof SyntaxError) {
		return new Silence(`${name} returned an unexpected response.`, { ends: false });
	}
	if (error instanceof DOMException && error.name === 'TimeoutError') {
		return new Silence(`${name} did not answer in time.`, { ends: true });
	}
	// Browsers do not report to a page which of these it was.
	return new Silence(`${name} could not be reached from this browser (network, redirect or cross-origin policy).`, {
		ends: true,
	});
}
