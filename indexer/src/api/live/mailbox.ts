import { type Change, merge } from './change.ts';

/** Holds what one client has still to be told. However slowly it reads, that is never more than one change. */
export class Mailbox {
	#change: Change | undefined;
	#isClosed = false;
	#wake: () => void = () => undefined;

	get isClosed(): boolean {
		return this.#isClosed;
	}

	put(change: Change): void {
		this.#change = this.#change === undefined ? change : merge(this.#change, change);
		this.#wake();
	}

	/** Ends a `take` that waits. */
	close(): void {
		this.#isClosed = true;
		this.#wake();
	}

	/** Takes out what there is, or waits for it; undefined when there was nothing for `milliseconds`, or it was closed. */
	async take(milliseconds: number): Promise<Change | undefined> {
		if (this.#change === undefined && !this.#isClosed) {
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, milliseconds);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
		const change = this.#change;
		this.#change = undefined;
		return change;
	}
}
