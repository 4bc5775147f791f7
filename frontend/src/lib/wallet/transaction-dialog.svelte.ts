import type { Outcome } from './transactions.svelte.ts';

/**
 * What a dialog is that ends in one transaction: open until that has worked, so that nothing typed is lost when it is refused, and busy meanwhile, so that
 * it is sent once.
 */
export class TransactionDialog {
	open = $state(true);
	busy = $state(false);
	readonly #after: { onclose: () => void; ondone: () => void };

	/** @param after what its owner does when it closes by itself, and once there is a receipt */
	constructor(after: { onclose: () => void; ondone: () => void }) {
		this.#after = after;
	}

	/** Sends it, unless one is under way. */
	async send(transaction: () => Promise<Outcome>): Promise<void> {
		if (this.busy) return;
		this.busy = true;
		const outcome = await transaction();
		this.busy = false;
		if (!outcome.ok) return;
		this.open = false;
		this.#after.onclose();
		this.#after.ondone();
	}
}
