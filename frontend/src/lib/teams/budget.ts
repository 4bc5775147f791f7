/** The periods of a team's budget that a form offers. */

const PERIODS: readonly { seconds: number; words: string }[] = [
	{ seconds: 3_600, words: 'hour' },
	{ seconds: 86_400, words: 'day' },
	{ seconds: 7 * 86_400, words: 'week' },
	{ seconds: 30 * 86_400, words: '30 days' },
	{ seconds: 365 * 86_400, words: 'year' },
];

/** The periods that a form offers, and the one that stands if it is another. */
export function periodOptions(current: number): { value: string; label: string }[] {
	const known = PERIODS.map(({ seconds, words }) => ({ value: String(seconds), label: `Each ${words}` }));
	if (PERIODS.some(({ seconds }) => seconds === current)) return known;
	return [...known, { value: String(current), label: `Every ${current.toLocaleString('en')} seconds` }];
}
