/** What came of a step. */
export interface Outcome {
	passed: boolean;
	/** All that it said. */
	output: string;
}

/** What the runner knows of a step. */
export interface Runnable {
	name: string;
	needs?: readonly string[];
	alone?: boolean;
}

/**
 * Runs steps, two at a time, each as soon as what it needs has passed. All are run whatever fails; a step whose needs failed fails.
 *
 * @param run runs one step
 * @param lanes how many run at the same time
 * @returns the outcomes by name
 */
export async function runSteps<Step extends Runnable>(
	steps: readonly Step[],
	run: (step: Step) => Promise<Outcome>,
	lanes = 2,
): Promise<Map<string, Outcome>> {
	const outcomes = new Map<string, Outcome>();
	const waiting = [...steps];
	const running = new Map<string, Promise<void>>();
	let quiet = false;

	const begin = (step: Step) => {
		waiting.splice(waiting.indexOf(step), 1);
		quiet = step.alone === true;
		running.set(
			step.name,
			run(step).then((outcome) => {
				outcomes.set(step.name, outcome);
				running.delete(step.name);
				if (step.alone === true) quiet = false;
			}),
		);
	};
	const failed = (step: Step) => step.needs?.find((name) => outcomes.get(name)?.passed === false);
	const isReady = (step: Step) => (step.needs ?? []).every((name) => outcomes.get(name)?.passed === true);

	while (waiting.length > 0 || running.size > 0) {
		for (const step of [...waiting]) {
			const cause = failed(step);
			if (cause === undefined) continue;
			waiting.splice(waiting.indexOf(step), 1);
			outcomes.set(step.name, { passed: false, output: `Not run: "${cause}" failed.` });
		}
		// What wants the machine for itself comes when nothing else can run.
		const next =
			waiting.find((step) => step.alone !== true && isReady(step)) ??
			(running.size === 0 ? waiting.find(isReady) : undefined);
		if (next !== undefined && !quiet && running.size < lanes) begin(next);
		else if (running.size > 0) await Promise.race(running.values());
		else if (waiting.every((step) => failed(step) === undefined)) {
			const names = waiting.map(({ name }) => name).join(', ');
			if (names !== '') throw new Error(`These steps wait for steps that do not exist: ${names}.`);
		}
	}
	return outcomes;
}
