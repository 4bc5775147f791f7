/** Keeps the last row of an id while its source reports none: an indexer that is rebuilding its tables has no rows for a moment. */
export class LastKnown<Row> {
	#id: string | null = null;
	#row: Row | null = null;

	/**
	 * @param answer the row, null where the source knows none, undefined before it answered
	 * @returns what to show, and whether it is from before the source forgot it
	 */
	take(id: string, answer: Row | null | undefined): { row: Row | null | undefined; isOld: boolean } {
		if (id !== this.#id) {
			this.#id = id;
			this.#row = null;
		}
		if (answer) this.#row = answer;
		const isOld = answer === null && this.#row !== null;
		return { row: isOld ? this.#row : answer, isOld };
	}
}
