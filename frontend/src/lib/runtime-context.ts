import { getContext, setContext } from 'svelte';
import type { Runtime } from './runtime.ts';

type RuntimeGetter = () => Runtime | null;

/** The context's key, for tests that mount a component alone. */
export const runtimeKey = Symbol('runtime');

/** Called by the root layout. A getter, so that it stays reactive. */
export function setRuntime(getter: RuntimeGetter): void {
	setContext(runtimeKey, getter);
}

/** The installation's settings, as a getter; null while the server has none. Call it while a component is set up. */
export function getRuntime(): RuntimeGetter {
	return getContext<RuntimeGetter | undefined>(runtimeKey) ?? (() => null);
}
