import { type OffersDelta, type OffersResponse, offersDeltaSchema, offersResponseSchema } from '@necto/core';
import { untrack } from 'svelte';
import { fetchJson, parseJson } from '../http.ts';
import { watchPulse } from '../live/pulse.ts';
import { isAbort, type Problem, problemOf } from '../problem.ts';
import { OfferList, type Order } from './list.svelte.ts';

/** The market at one moment, without its offers: those are in the {@link OfferList}. */
export type MarketState = Omit<OffersResponse, 'offers'>;

/** What is asked of the market. */
export interface MarketQuestion {
	/** Query string for the agent. */
	query: string;
	/** The order that the query asks for. */
	order: Order;
}

const POLL_MS = 10_000;
const TYPING_MS = 150;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 10_000;

/**
 * The market, kept true: asked once, then followed by what the agent pushes. While nothing is pushed it is asked again every ten seconds, and the
 * stream is tried again after the version that was seen last, so that nothing is lost or doubled by a break.
 */
export class Market {
	readonly list = new OfferList();
	/** Undefined until the first answer. */
	now = $state.raw<MarketState | undefined>();
	/** Why the last question had no answer; what is shown may be older. */
	problem = $state.raw<Problem | null>(null);
	/** Whether the answer to what is asked now is still awaited; the rows of the question before stay in sight. */
	busy = $state(true);
	/** Whether changes arrive by themselves. */
	live = $state(false);

	#again: () => void = () => {};

	/** Asks now, in place of what was asked before. Call it in an effect. @returns the way to stop */
	follow(question: MarketQuestion, open: (url: string) => EventSource = (url) => new EventSource(url)): () => void {
		// What is read of the market on the way must not make the effect ask again.
		return untrack(() => this.#follow(question, open));
	}

	#follow({ query, order }: MarketQuestion, open: (url: string) => EventSource): () => void {
		const end = new AbortController();
		const { signal } = end;
		let asked = true;
		let etag: string | null = null;
		let source: EventSource | null = null;
		let unwatch = () => {};
		let retry: ReturnType<typeof setTimeout> | undefined;
		let wait = FIRST_RETRY_MS;
		this.busy = true;
		this.live = false;

		/** @returns whether there is an answer */
		const load = async (): Promise<boolean> => {
			try {
				const answer = await fetchJson(`/api/agent/offers?${query}`, offersResponseSchema, { signal, etag });
				if (signal.aborted) return false;
				if (answer !== null) {
					const { offers, ...rest } = answer.value;
					this.list.replace(offers, order, asked);
					this.now = rest;
					etag = answer.etag;
				}
				asked = false;
				this.problem = null;
				this.busy = false;
				return true;
			} catch (error) {
				if (signal.aborted || isAbort(error)) return false;
				this.problem = problemOf(error);
				this.busy = false;
				return false;
			}
		};

		const later = () => {
			unwatch();
			source?.close();
			source = null;
			this.live = false;
			clearTimeout(retry);
			retry = setTimeout(() => void begin(), wait);
			wait = Math.min(wait * 2, LAST_RETRY_MS);
		};

		const listen = (version: string) => {
			source = open(`/api/agent/offers/stream?${query}&since=${encodeURIComponent(version)}`);
			unwatch = watchPulse(source, ['offers'], {
				alive: () => {
					this.live = true;
					wait = FIRST_RETRY_MS;
				},
				// From here on it is polled, while the stream may still come to life.
				silent: () => {
					this.live = false;
				},
				dead: later,
			});
			source.addEventListener('error', later);
			let parts: OffersDelta[] = [];
			source.addEventListener('offers', (event) => {
				if (signal.aborted) return;
				const part = offersDeltaSchema.safeParse(parseJson(event.data));
				if (part.success) {
					parts.push(part.data);
					// Half of a long change is no market.
					if (part.data.more) return;
				}
				const whole = joined(parts);
				parts = [];
				// What does not follow on what is shown cannot be applied to it: ask for everything again.
				if (!part.success || whole === null || !this.#take(whole, order)) {
					etag = null;
					later();
				}
			});
		};

		/** Asks for everything, unless what is shown is an answer to this question already, and listens from there on. */
		const begin = async () => {
			if (!(await load())) return signal.aborted ? undefined : later();
			if (this.now !== undefined) listen(this.now.version);
		};

		const poll = setInterval(() => {
			if (!this.live && source !== null && document.visibilityState === 'visible') void load();
		}, POLL_MS);
		this.#again = () => {
			wait = FIRST_RETRY_MS;
			clearTimeout(retry);
			unwatch();
			source?.close();
			source = null;
			void begin();
		};
		// Somebody who types asks only once the fingers rest.
		if (this.now === undefined) void begin();
		else retry = setTimeout(() => void begin(), TYPING_MS);

		return () => {
			end.abort();
			clearInterval(poll);
			clearTimeout(retry);
			unwatch();
			source?.close();
			this.#again = () => {};
		};
	}

	/** Asks again at once. */
	refresh = (): void => this.#again();

	/** @returns whether the change fitted on what is shown */
	#take(delta: OffersDelta, order: Order): boolean {
		const { from, more: _, changed, removed, seen, sources, tokenPrices, references, ...rest } = delta;
		const { now } = this;
		if (now === undefined || (from !== null && from !== now.version)) return false;
		if (from === null) this.list.replace(changed, order, false);
		else this.list.apply({ changed, removed, seen });
		this.now = {
			...rest,
			sources: sources ?? now.sources,
			tokenPrices: tokenPrices ?? now.tokenPrices,
			references: references ?? now.references,
		};
		return true;
	}
}

/** The parts of one change as one; null when there are none. */
function joined(parts: readonly OffersDelta[]): OffersDelta | null {
	const [first] = parts;
	if (first === undefined) return null;
	return {
		...first,
		changed: parts.flatMap(({ changed }) => changed),
		removed: parts.flatMap(({ removed }) => removed),
		seen: parts.flatMap(({ seen }) => seen),
	};
}
