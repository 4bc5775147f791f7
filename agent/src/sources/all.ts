/** Every source that Necto knows, in the order in which people meet them. */
import { akash } from './akash.ts';
import { cudo } from './cudo.ts';
import { golem } from './golem.ts';
import { hyperbolic } from './hyperbolic.ts';
import { ionet } from './ionet.ts';
import { lambda } from './lambda.ts';
import { nosana } from './nosana.ts';
import { openRouter } from './openRouter.ts';
import { aethir, operator } from './operator.ts';
import { primeIntellect } from './primeIntellect.ts';
import { render } from './render.ts';
import { runpod } from './runpod.ts';
import { shadeform } from './shadeform.ts';
import type { SourceDefinition } from './source.ts';
import { spheron } from './spheron.ts';
import { vast } from './vast.ts';
import { zerogCompute } from './zerogCompute.ts';

export const SOURCES: readonly SourceDefinition[] = [
	akash,
	ionet,
	lambda,
	nosana,
	golem,
	vast,
	runpod,
	shadeform,
	primeIntellect,
	spheron,
	hyperbolic,
	cudo,
	render,
	aethir,
	operator,
	zerogCompute,
	openRouter,
];
