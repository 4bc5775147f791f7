/** Every source that Necto knows, in the order in which people meet them. */
import { akash } from './akash.ts';
import { golem } from './golem.ts';
import { ionet } from './ionet.ts';
import { nosana } from './nosana.ts';
import { openRouter } from './openRouter.ts';
import { aethir, operator } from './operator.ts';
import { render } from './render.ts';
import type { SourceDefinition } from './source.ts';
import { zerogCompute } from './zerogCompute.ts';

export const SOURCES: readonly SourceDefinition[] = [
	akash,
	ionet,
	nosana,
	golem,
	render,
	aethir,
	operator,
	zerogCompute,
	openRouter,
];
