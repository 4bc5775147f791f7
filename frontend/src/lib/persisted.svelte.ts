import { createSubscriber } from 'svelte/reactivity';
import type { z } from 'zod';

/** A value that this browser keeps between visits and shares between its tabs. Where nothing can be kept (private windows) it lasts as long as the page. */
export class Persisted<T> {
	#key: string;
	#schema: z.ZodType<T>;
	#fallback: T;
	#value: T | undefined;
	#update: (() => void) | null = null;
	#subscribe = createSubscriber((update) => {
		this.#update = update;
		const changed = (event: StorageEvent) => {
			if (event.key !== this.#key && event.key !== null) return;
			this.#value = undefined;
			update();
		};
		window.addEventListener('storage', changed);
		return () => {
			this.#update = null;
			window.removeEventListener('storage', changed);
		};
	});

	/** @param fallback what holds while nothing, or nothing that the schema understands, is kept under this key */
	constructor(key: string, schema: z.ZodType<T>, fallback: T) {
		this.#key = key;
		this.#schema = schema;
		this.#fallback = fallback;
	}

	get current(): T {
		this.#subscribe();
		this.#value ??= this.#read();
		return this.#value;
	}

	set current(value: T) {
		this.#value = value;
		try {
			localStorage.setItem(this.#key, JSON.stringify(value));
		} catch {
			// The storage is full or forbidden.
		}
		this.#update?.();
	}

	#read(): T {
		try {
			return this.#schema.parse(JSON.parse(localStorage.getItem(this.#key) ?? 'null'));
		} catch {
			return this.#fallback;
		}
	}
}
