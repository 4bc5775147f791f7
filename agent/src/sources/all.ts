/** Every source that Necto knows, in the order in which people meet them. */
import { akash } from './akash.ts';
import type { SourceDefinition } from './source.ts';

export const SOURCES: readonly SourceDefinition[] = [akash];
