import { describe, expect, test } from 'vitest';
import { verifyInWorker } from './in-worker.ts';
import type { VerifyMessage, VerifyTask } from './task.ts';
import type { Progress } from './verify.service.ts';

const task: VerifyTask = {
	chainId: 31337,
	// The port of "discard": nothing listens, and no browser opens it.
	rpcUrl: 'http://127.0.0.1:9',
	jobRegistry: '0x00000000000000000000000000000000000000aa',
	providerRegistry: '0x00000000000000000000000000000000000000ab',
	escrow: '0x00000000000000000000000000000000000000ac',
	startBlock: 0n,
	jobId: 4n,
	hint: { requestedBlock: 1n, routedBlock: 2n },
	file: null,
};

/** A worker that answers as told and notes when it is ended. */
class FakeWorker extends EventTarget {
	ended = false;
	readonly #answer: (worker: FakeWorker) => void;

	constructor(answer: (worker: FakeWorker) => void) {
		super();
		this.#answer = answer;
	}

	say(data: VerifyMessage): void {
		this.dispatchEvent(new MessageEvent('message', { data }));
	}

	postMessage(): void {
		queueMicrotask(() => this.#answer(this));
	}

	terminate(): void {
		this.ended = true;
	}
}

const run = (worker: FakeWorker, options: { onProgress?: (progress: Progress) => void; signal?: AbortSignal } = {}) =>
	verifyInWorker(task, {
		onProgress: options.onProgress ?? (() => {}),
		signal: options.signal ?? new AbortController().signal,
		// Only what is used of a worker is there.
		createWorker: () => worker as unknown as Worker,
	});

describe('VER-03 verification in a worker', () => {
	test('the real worker starts, reads the chain and says in words why it cannot', { timeout: 20_000 }, async () => {
		const steps: Progress[] = [];
		const failing = verifyInWorker(task, {
			onProgress: (progress) => steps.push(progress),
			signal: new AbortController().signal,
		});
		await expect(failing).rejects.toMatchObject({ name: 'Problem', code: 'rpc_unreachable' });
		expect(steps).toEqual([{ doing: 'Reading the job from the chain', step: 0, steps: expect.any(Number) }]);
	});

	test('a file that is too large is refused before anything is read', { timeout: 20_000 }, async () => {
		const file = new File([new Uint8Array(8 * 1024 * 1024 + 1)], 'large.json');
		const refused = verifyInWorker({ ...task, file }, { onProgress: () => {}, signal: new AbortController().signal });
		await expect(refused).rejects.toMatchObject({
			code: 'file_too_large',
			message: 'This file is not a record. It has 8388609 bytes; records and snapshots have 1 to 8388608.',
		});
	});

	test('it ends when it is cancelled, and nothing more comes of it', async () => {
		const worker = new FakeWorker(() => {});
		const cancelling = new AbortController();
		const running = run(worker, { signal: cancelling.signal });
		cancelling.abort();
		await expect(running).rejects.toMatchObject({ name: 'AbortError' });
		expect(worker.ended).toBe(true);
	});

	test('it ends with its outcome, good or bad, after its progress', async () => {
		const progress = { doing: 'Checking', step: 5, steps: 30 };
		const seen: Progress[] = [];
		const worker = new FakeWorker((one) => {
			one.say({ kind: 'progress', progress });
			one.say({ kind: 'failed', problem: { code: 'not_routed', message: 'No.', suggestion: '', requestId: null } });
		});
		await expect(run(worker, { onProgress: (now) => seen.push(now) })).rejects.toMatchObject({ code: 'not_routed' });
		expect(seen).toEqual([progress]);
		expect(worker.ended).toBe(true);
	});

	test('where no worker can be started, and where one breaks, the error says what to do', async () => {
		const none = verifyInWorker(task, {
			onProgress: () => {},
			signal: new AbortController().signal,
			createWorker: () => {
				throw new DOMException('blocked by policy', 'SecurityError');
			},
		});
		await expect(none).rejects.toMatchObject({
			code: 'no_worker',
			message: 'The verification worker failed: blocked by policy.',
			suggestion: expect.stringContaining('Reload the page'),
		});
		const broken = new FakeWorker((one) => one.dispatchEvent(new ErrorEvent('error', { message: 'failed to load' })));
		await expect(run(broken)).rejects.toMatchObject({ code: 'no_worker' });
		expect(broken.ended).toBe(true);
	});
});
