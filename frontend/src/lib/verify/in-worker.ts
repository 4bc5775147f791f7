/** Starts and stops the verification worker. */
import { Problem } from '#lib/problem.ts';
import type { VerifyMessage, VerifyTask } from './task.ts';
import type { Progress, VerifiedDecision } from './verify.service.ts';

export interface InWorkerOptions {
	readonly onProgress: (progress: Progress) => void;
	/** Ends the worker at once. */
	readonly signal: AbortSignal;
	/** For tests. */
	readonly createWorker?: () => Worker;
}

/**
 * Verifies a decision in a web worker of its own, which is terminated afterwards.
 *
 * @throws Problem what the verification throws, and `no_worker` when the worker cannot run
 * @throws DOMException `AbortError` when the signal fires
 */
export async function verifyInWorker(
	task: VerifyTask,
	{ onProgress, signal, createWorker = startWorker }: InWorkerOptions,
): Promise<VerifiedDecision> {
	signal.throwIfAborted();
	const worker = started(createWorker);
	try {
		return await new Promise<VerifiedDecision>((resolve, reject) => {
			signal.addEventListener('abort', () => reject(signal.reason));
			worker.addEventListener('error', (event) => reject(noWorker(event.message)));
			worker.addEventListener('messageerror', () => reject(noWorker('its message cannot be read')));
			worker.addEventListener('message', ({ data }: MessageEvent<VerifyMessage>) => {
				if (data.kind === 'progress') onProgress(data.progress);
				else if (data.kind === 'done') resolve(data.result);
				else reject(new Problem(data.problem));
			});
			worker.postMessage(task);
		});
	} finally {
		worker.terminate();
	}
}

function startWorker(): Worker {
	return new Worker(new URL('./verify.worker.ts', import.meta.url), { type: 'module' });
}

function started(createWorker: () => Worker): Worker {
	try {
		return createWorker();
	} catch (error) {
		throw noWorker(error instanceof Error ? error.message : String(error));
	}
}

function noWorker(reason: string | undefined): Problem {
	return new Problem({
		code: 'no_worker',
		message: `The verification worker failed${reason ? `: ${reason}` : ''}.`,
		suggestion: 'Reload the page. If an extension or a policy of your browser blocks web workers, allow them here.',
	});
}
