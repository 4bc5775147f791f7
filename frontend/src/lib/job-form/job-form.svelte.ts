/** The job form's state: what is typed, what is wrong with it, and what would be decided now. */
import { type JobFormField, type JobRequest, lockFor, type UnixSeconds, unixSeconds } from '@necto/core';
import { SvelteSet } from 'svelte/reactivity';
import { type DraftErrors, firstDraft, type JobDraft, type NamedFields, readDraft, withFields } from './draft.ts';

/** A device's clock that differs by less is right enough; blocks come in seconds. */
const CLOCK_SLACK = 60;

export class JobFormState {
	draft: JobDraft = $state(firstDraft());

	/** Seconds by which the chain's clock is ahead of this device's. */
	#ahead = $state(0);

	/** Fields that were left or changed: only their errors are shown, until the person tries to send. */
	#touched = new SvelteSet<JobFormField>();
	#tried = $state(false);

	#read = $derived(readDraft(this.draft, this.#now()));

	/** What is wrong and may be said already. */
	readonly errors: DraftErrors = $derived.by(() => {
		if (this.#read.ok) return {};
		const errors = Object.entries(this.#read.errors);
		// Object.entries forgets the keys' type; they are the same keys.
		return Object.fromEntries(errors.filter(([field]) => this.#tried || this.#touched.has(field as JobFormField)));
	});

	/** Everything that is wrong, said or not. */
	readonly complete: boolean = $derived(this.#read.ok);

	/** The request as the form was last read, to show its figures; null while the form is incomplete. To send one, use `request()`. */
	readonly shown: JobRequest | null = $derived(this.#read.ok ? this.#read.request : null);

	/** Micro-USDC that the request would lock; null while the form is incomplete. */
	readonly lock: bigint | null = $derived(this.shown === null ? null : lockFor(this.shown));

	/** The request as it would be sent now, its deadline counted from now; null while the form is incomplete. */
	request(): JobRequest | null {
		const read = readDraft(this.draft, this.#now());
		return read.ok ? read.request : null;
	}

	/** Deadlines count by the chain's clock: where this device's is behind it, they would be too early, or over. */
	setAhead(seconds: number): void {
		this.#ahead = seconds > CLOCK_SLACK ? seconds : 0;
	}

	#now(): UnixSeconds {
		return unixSeconds(Math.floor(Date.now() / 1_000) + this.#ahead);
	}

	touch(field: JobFormField): void {
		this.#touched.add(field);
	}

	/** The person wants to send it: from now on every error is shown. @returns whether it can be sent */
	try(): boolean {
		this.#tried = true;
		return this.complete;
	}

	/** Fills in what a link or the reader of plain words names. */
	fill(fields: NamedFields): void {
		this.draft = withFields(this.draft, fields);
		for (const field of Object.keys(fields)) this.#touched.add(field as JobFormField);
	}
}
