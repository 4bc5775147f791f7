/** From what networks take for tokens of language models to offers: the checks that such sources share. */
import {
	type Evidence,
	type InferenceOffer,
	inferenceOfferSchema,
	offerKey,
	parseDecimal,
	sourceId,
	type UnixSeconds,
	unixSeconds,
} from '@necto/core';
import type { z } from 'zod';
import type { SourceAnswer } from '../asking/source.ts';
import { nativeId } from './offers.ts';
import { readRows } from './rows.ts';

/** One model of one provider in the words of its network. */
export interface RawInference {
	/** Unique inside the source. */
	id: string;
	provider: string;
	model: string;
	service: string;
	currency: string;
	/** For a million tokens; what is no price above zero is none. */
	input: string;
	output: string;
	verifiability?: string | null;
}

/** Collects a source's offers of inference, as `Offers` collects GPUs: each is checked, and what makes none is counted by its reason. */
export class InferenceOffers {
	readonly #source: string;
	readonly #observedAt: UnixSeconds;
	readonly #evidence: Evidence;
	readonly #offers = new Map<string, InferenceOffer>();
	readonly #left = new Map<string, number>();
	#incomplete: string | null = null;

	/** @param observedAt unix seconds */
	constructor(source: string, observedAt: number, evidence: Evidence = 'live') {
		this.#source = source;
		this.#observedAt = unixSeconds(observedAt);
		this.#evidence = evidence;
	}

	/**
	 * Reads rows of a documented shape, one by one: a row that is none is counted, the others stand.
	 *
	 * @param toOffer gives the row's offer, or in a few words why there is none
	 * @throws SourceError when there are rows and none has the shape
	 */
	read<Row>(rows: readonly unknown[], schema: z.ZodType<Row>, toOffer: (row: Row) => RawInference | string): this {
		readRows(
			rows,
			schema,
			(row) => {
				const raw = toOffer(row);
				const made = typeof raw === 'string' ? raw : this.#offerOf(raw);
				if (typeof made === 'string') this.#leave(made);
				// Of two rows with one name, the first stands.
				else if (this.#offers.has(made.key)) this.#leave('named twice');
				else this.#offers.set(made.key, made);
			},
			(reason) => this.#leave(reason),
		);
		return this;
	}

	/** Says what did not come; the first reason stands. */
	cut(sentence: string): this {
		this.#incomplete ??= sentence;
		return this;
	}

	answer(): SourceAnswer {
		return {
			quotes: [],
			left: Object.fromEntries(this.#left),
			incomplete: this.#incomplete,
			inference: [...this.#offers.values()],
		};
	}

	#offerOf(raw: RawInference): InferenceOffer | string {
		const input = priceOf(raw.input);
		const output = priceOf(raw.output);
		if (input === null && output === null) return 'no price';
		const id = sourceId(this.#source);
		const parsed = inferenceOfferSchema.safeParse({
			key: offerKey(id, nativeId(raw.id)),
			source: id,
			provider: raw.provider,
			model: raw.model,
			service: raw.service,
			evidence: this.#evidence,
			observedAt: this.#observedAt,
			currency: raw.currency,
			inputPerMillion: input,
			outputPerMillion: output,
			verifiability: raw.verifiability ?? null,
		});
		return parsed.success ? parsed.data : 'not of the documented shape';
	}

	#leave(reason: string): void {
		this.#left.set(reason, (this.#left.get(reason) ?? 0) + 1);
	}
}

/** Zero never means free, and below zero stands for prices that vary. */
function priceOf(text: string): string | null {
	try {
		return parseDecimal(text).numerator > 0n ? text : null;
	} catch {
		return null;
	}
}
