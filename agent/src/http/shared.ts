/** One answer for all who ask within a while: for checks and counts that cost the same however many look. */
export function shared<Answer>(
	ask: () => Promise<Answer>,
	milliseconds: number,
	now = Date.now,
): () => Promise<Answer> {
	let last: { answer: Promise<Answer>; at: number } | null = null;
	return () => {
		if (last === null || now() - last.at >= milliseconds) {
			const asked = { answer: ask(), at: now() };
			last = asked;
			// A failure is told to those who wait for it, and to nobody later.
			asked.answer.catch(() => {
				if (last === asked) last = null;
			});
		}
		return last.answer;
	};
}
