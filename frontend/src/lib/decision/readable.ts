/** Recorded texts for people. Records hold codes of rules and ages in seconds, and their bytes cannot change; the pages translate them. */
import { ruleWords } from './faces.ts';

const RULE_LIST = /^(.*Excluded by rule: |)((?:[a-z-]+:? \d+)(?:, [a-z-]+:? \d+)*)(?=\.|$)/s;

/**
 * A recorded sentence in the words of the page: `Excluded by rule: max-price 21.` becomes `Excluded by rule: Above the ceiling (21).`, `31505709 s old`
 * becomes `364 days old`. Everything else stays as it is.
 */
export function readableText(text: string): string {
	return text
		.replace(RULE_LIST, (whole, before: string, list: string) => {
			const items = list.split(', ').map((item) => {
				const [, code = '', count = ''] = /^([a-z-]+):? (\d+)$/.exec(item) ?? [];
				const words = ruleWords(code);
				return words === null ? null : `${words} (${count})`;
			});
			return items.includes(null) ? whole : `${before}${items.join(', ')}`;
		})
		.replace(/\b(\d+) s old\b/g, (_whole, seconds: string) => `${lengthWords(Number(seconds))} old`)
		.replace(
			/\bthe policy allows (\d+) s\b/g,
			(_whole, seconds: string) => `the policy allows ${lengthWords(Number(seconds))}`,
		);
}

const UNITS = [
	{ seconds: 86_400, name: 'days' },
	{ seconds: 3_600, name: 'hours' },
	{ seconds: 60, name: 'minutes' },
] as const;

/** A length of time in the largest unit of which there are two or more, rounded down: `364 days`, `15 minutes`, `59 s`. */
function lengthWords(seconds: number): string {
	const unit = UNITS.find((each) => seconds >= 2 * each.seconds);
	return unit === undefined ? `${seconds} s` : `${Math.floor(seconds / unit.seconds)} ${unit.name}`;
}
