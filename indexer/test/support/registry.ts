/** Stands in for `ponder:registry`: keeps the handlers that `src/` registers, by event. */
export type Handler = (input: unknown) => Promise<void>;

export const handlers = new Map<string, Handler>();

export const ponder = {
	on(name: string, handler: Handler): void {
		if (handlers.has(name)) throw new Error(`Two handlers for ${name}.`);
		handlers.set(name, handler);
	},
};
