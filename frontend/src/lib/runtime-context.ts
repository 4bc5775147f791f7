import { createContext } from 'svelte';
import type { Runtime } from './runtime.ts';

/** The installation's settings below the root layout, as a getter so that it stays reactive; null while the server has none. */
export const [getRuntime, setRuntime] = createContext<() => Runtime | null>();
