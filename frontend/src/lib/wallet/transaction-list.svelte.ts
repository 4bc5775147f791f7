import { Problem } from '../problem.ts';
import type { Runtime } from '../runtime.ts';
import { takeIntents } from './intents.ts';
import { findKept, isOpen, type Kept, keep, keptAt, onKept, sameIn, tidy } from './kept.ts';
import { findPlace, type Place } from './place.ts';
import { resume } from './resume.ts';
import { Transaction } from './transaction.svelte.ts';

const RPC_RETRY_MS = 3_000;
/** How often what ended a while ago is forgotten, also where nothing new happens. */
const TIDY_MS = 30_000;

/** The transactions of this browser, the newest last: those of this tab, and those that other tabs or a reloaded page left pending. */
class Transactions {
	list = $state.raw<readonly Transaction[]>([]);
	/** The stored transactions, to find out whether the same one is pending. */
	kept = $state.raw<readonly Kept[]>([]);
	#listeners = new Set<(transaction: Transaction) => void>();
	#runtime: Runtime | null = null;
	#place: Promise<Place> | null = null;

	/** Called by the root layout, in the browser: resumes what a reload or another tab left pending. */
	start(runtime: Runtime): void {
		if (this.#runtime !== null) return;
		this.#runtime = runtime;
		for (const { id, title } of takeIntents()) this.add(title, id).status = 'unsent';
		void this.#takeUpSoon();
	}

	/** @throws Problem before {@link start}; whatever the chain's RPC throws */
	place(): Promise<Place> {
		if (this.#runtime === null) {
			throw new Problem({
				code: 'not_ready',
				message: 'The page is not connected to the chain yet.',
				suggestion: 'Wait a moment and try again, or reload the page.',
			});
		}
		this.#place ??= findPlace(this.#runtime).catch((error) => {
			// The next call retries.
			this.#place = null;
			throw error;
		});
		return this.#place;
	}

	add(title: string, id: string = crypto.randomUUID()): Transaction {
		const transaction = new Transaction(id, title);
		this.list = [...this.list, transaction];
		for (const listener of this.#listeners) listener(transaction);
		return transaction;
	}

	/** Calls for each new transaction (the toasts do). @returns the way to stop */
	onAdd(listener: (transaction: Transaction) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** The user declares that the wallet did not send it. */
	discard(id: string): void {
		const entry = findKept(id);
		if (entry?.state === 'lost') keep({ ...entry, state: 'dropped', endedAt: Date.now() });
	}

	/** The newest with this content that is pending, or that created a job a few minutes ago. */
	same(content: string, account: string): Kept | null {
		return sameIn(this.kept, content, account);
	}

	/** An account's job requests that are pending, or created a job a few minutes ago, the newest first. */
	requestsOf(account: string): Kept[] {
		return this.kept
			.filter(
				(entry) =>
					entry.requestHash !== null &&
					entry.account.toLowerCase() === account.toLowerCase() &&
					(isOpen(entry) || entry.jobId !== null),
			)
			.toReversed();
	}

	async #takeUpSoon(): Promise<void> {
		for (;;) {
			try {
				this.#takeUp(await this.place());
				return;
			} catch {
				await new Promise((resolve) => setTimeout(resolve, RPC_RETRY_MS));
			}
		}
	}

	#takeUp(place: Place): void {
		tidy(Date.now(), place.id);
		onKept((entry) => {
			if (entry.place === place.id) this.#see(entry, place);
		});
		for (const entry of keptAt(place.id)) this.#see(entry, place);
		// What ended is forgotten after a while, also where nothing new happens.
		setInterval(() => {
			tidy();
			this.#refresh(place);
		}, TIDY_MS);
	}

	#refresh(place: Place): void {
		this.kept = keptAt(place.id);
	}

	#see(entry: Kept, place: Place): void {
		this.#refresh(place);
		const known = this.list.find(({ id }) => id === entry.id);
		if (known !== undefined) {
			known.show(entry);
			return;
		}
		// One that had ended before this page saw it is no news.
		if (!isOpen(entry)) return;
		const transaction = this.add(entry.title, entry.id);
		transaction.show(entry);
		void resume(entry, place);
	}
}

export const transactions = new Transactions();
