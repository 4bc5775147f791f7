import { createSubscriber } from 'svelte/reactivity';

/** One ticking second for all ages and countdowns on a page; it runs only while something shows it. */
class Clock {
	#subscribe = createSubscriber((update) => {
		const timer = setInterval(update, 1_000);
		return () => clearInterval(timer);
	});

	/** Now in unix seconds. */
	get now(): number {
		this.#subscribe();
		return Math.floor(Date.now() / 1_000);
	}
}

export const clock = new Clock();
