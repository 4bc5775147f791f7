/** Every source that Necto knows, in the order in which people meet them. */
import { akash } from './akash.ts';
import type { SourceDefinition } from './asking/source.ts';
import { aws } from './aws.ts';
import { awsSpot } from './awsSpot.ts';
import { azure } from './azure.ts';
import { cudo } from './cudo.ts';
import { gcp } from './gcp.ts';
import { golem } from './golem.ts';
import { hyperbolic } from './hyperbolic.ts';
import { ionet } from './ionet.ts';
import { lambda } from './lambda.ts';
import { nosana } from './nosana.ts';
import { openRouter } from './openRouter.ts';
import { aethir, operator } from './operator.ts';
import { oracle } from './oracle.ts';
import { primeIntellect } from './primeIntellect.ts';
import { render } from './render.ts';
import { runpod } from './runpod.ts';
import { shadeform } from './shadeform.ts';
import { skypilot } from './skypilot.ts';
import { spheron } from './spheron.ts';
import { vast } from './vast.ts';
import { zerogCompute } from './zerogCompute.ts';

export const SOURCES: readonly SourceDefinition[] = [
	akash,
	ionet,
	lambda,
	awsSpot,
	aws,
	azure,
	gcp,
	oracle,
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
	skypilot,
	zerogCompute,
	openRouter,
];
