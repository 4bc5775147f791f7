import type { PolicyName } from '@necto/core';
import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { isAbort } from '../problem.ts';
import { fetchDetail } from './detail.ts';
import type { Filters } from './filters.ts';
import type { OfferList } from './list.svelte.ts';
import { type Offer, offerOf } from './offer.ts';

interface Question {
	keys: readonly string[];
	filters: Filters;
	policy: PolicyName;
}

/** The offers that are ticked to be compared, also those that the filters hide now: these are asked for one by one. Make it while a component is set up. */
export class Compared {
	#question: () => Question;
	#list: OfferList;
	/** By key; null when it is not offered any more. */
	#fetched = new SvelteMap<string, Offer | null>();

	constructor(question: () => Question, list: OfferList) {
		this.#question = question;
		this.#list = list;
		$effect(() => {
			const { keys, filters, policy } = question();
			const end = new AbortController();
			for (const key of keys) {
				// A list that moves is no reason to ask again.
				if (untrack(() => list.find(key)) !== undefined) continue;
				fetchDetail(key, filters, policy, end.signal).then(
					(detail) => this.#fetched.set(key, offerOf(detail)),
					(error) => isAbort(error) || this.#fetched.set(key, null),
				);
			}
			return () => end.abort();
		});
	}

	/** In the order in which they were ticked. */
	get offers(): Offer[] {
		return this.#question().keys.flatMap((key) => this.#list.find(key) ?? this.#fetched.get(key) ?? []);
	}

	/** Those that are not offered any more. */
	get missing(): string[] {
		return this.#question().keys.filter((key) => this.#list.find(key) === undefined && this.#fetched.get(key) === null);
	}
}
