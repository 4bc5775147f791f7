import { setTimeout as pause } from 'node:timers/promises';

/** Asks again until the answer is the wanted one, and says what the last answer was if it never is. */
export async function until<Answer>(
	ask: () => Promise<Answer>,
	isWanted: (answer: Answer) => boolean,
	patienceMs = 180_000,
): Promise<Answer> {
	const deadline = Date.now() + patienceMs;
	for (;;) {
		const answer = await ask();
		if (isWanted(answer)) return answer;
		if (Date.now() > deadline) {
			const text = JSON.stringify(answer, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
			throw new Error(`Not within ${patienceMs / 1000} s; the last answer was ${text.slice(0, 2000)}`);
		}
		await pause(200);
	}
}
