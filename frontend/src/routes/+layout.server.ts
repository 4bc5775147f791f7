import { type ProblemFields, problemOf } from '#lib/problem.ts';
import type { Runtime } from '#lib/runtime.ts';
import { readRuntime } from '#lib/server/runtime.ts';
import type { LayoutServerLoad } from './$types';

/** The installation's settings in every page, or why there are none. */
export const load: LayoutServerLoad = async (): Promise<{
	runtime: Runtime | null;
	runtimeProblem: ProblemFields | null;
}> => {
	try {
		return { runtime: await readRuntime(), runtimeProblem: null };
	} catch (error) {
		const { code, message, suggestion, requestId } = problemOf(error);
		return { runtime: null, runtimeProblem: { code, message, suggestion, requestId } };
	}
};
