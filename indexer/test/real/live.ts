import { z } from 'zod';

const changeSchema = z.object({ block: z.string(), tables: z.array(z.string()), jobs: z.array(z.string()) });
export type Told = z.infer<typeof changeSchema>;

/** A browser that follows `/live`. */
export class Follower {
	readonly changes: Told[] = [];
	readonly #abort = new AbortController();

	/** Connects, and waits until the stream has begun. */
	static async connect(url: string, lastEventId?: string): Promise<Follower> {
		const follower = new Follower();
		const response = await fetch(url, {
			signal: follower.#abort.signal,
			headers: lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId },
		});
		if (!response.ok || response.body === null) throw new Error(`${url}: ${response.status}`);
		const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
		let text = (await reader.read()).value ?? '';
		void (async () => {
			for (;;) {
				for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
					follower.#take(text.slice(0, end));
					text = text.slice(end + 2);
				}
				const { value, done } = await reader.read();
				if (done) return;
				text += value;
			}
		})().catch(() => undefined);
		return follower;
	}

	#take(event: string): void {
		const data = /^event: change\ndata: (.*)$/m.exec(event)?.[1];
		if (data !== undefined) this.changes.push(changeSchema.parse(JSON.parse(data)));
	}

	/** The jobs that were told, in a block or later. */
	jobsSince(block: bigint): string[] {
		return this.changes.filter((change) => BigInt(change.block) >= block).flatMap(({ jobs }) => jobs);
	}

	close(): void {
		this.#abort.abort();
	}
}
