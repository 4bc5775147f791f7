/**
 * Whether somebody has a list in hand: the mouse is over it, the keyboard is in it, or its top is scrolled away so that what moves above would move
 * what is read.
 */
export class Hold {
	#mouse = $state(false);
	#keyboard = $state(false);
	#scrolled = $state(false);

	get held(): boolean {
		return this.#mouse || this.#keyboard || this.#scrolled;
	}

	/** For `{@attach}`. */
	watch = (element: HTMLElement): (() => void) => {
		const end = new AbortController();
		const { signal } = end;
		// A finger leaves no pointer behind: after a tap the list may move.
		element.addEventListener('pointerenter', (event) => (this.#mouse = event.pointerType !== 'touch'), { signal });
		element.addEventListener('pointerleave', () => (this.#mouse = false), { signal });
		element.addEventListener(
			'focusin',
			({ target }) => {
				this.#keyboard = target !== element && target instanceof HTMLElement && target.matches(':focus-visible');
			},
			{ signal },
		);
		element.addEventListener(
			'focusout',
			({ relatedTarget }) => {
				if (!(relatedTarget instanceof Node) || !element.contains(relatedTarget)) this.#keyboard = false;
			},
			{ signal },
		);
		window.addEventListener('scroll', () => (this.#scrolled = element.getBoundingClientRect().top < 0), {
			signal,
			passive: true,
		});
		return () => {
			end.abort();
			this.#mouse = this.#keyboard = this.#scrolled = false;
		};
	};
}
