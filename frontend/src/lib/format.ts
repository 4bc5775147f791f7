import { formatUsd } from '@necto/core';

/** Words for figures. All pure; English, 24 hours, UTC nowhere hidden. */

const DECIMALS = { price: 4, total: 2, exact: 6 } as const;

/**
 * Micro-USD for people. Prices per hour show four decimals, totals two, `exact` all six.
 * An amount too small for its decimals is not shown as nothing: it gets as many as it needs.
 */
export function formatMoney(micro: bigint, kind: keyof typeof DECIMALS = 'total'): string {
	const decimals = DECIMALS[kind];
	const smallest = 10n ** BigInt(6 - decimals);
	const magnitude = micro < 0n ? -micro : micro;
	return magnitude !== 0n && magnitude < smallest ? formatUsd(micro) : formatUsd(micro, { decimals });
}

/** `0x1234…abcd`. */
export function shorten(hex: string): string {
	return hex.length <= 12 ? hex : `${hex.slice(0, 6)}…${hex.slice(-4)}`;
}

const UNITS = [
	{ seconds: 86_400, name: 'd' },
	{ seconds: 3_600, name: 'h' },
	{ seconds: 60, name: 'min' },
	{ seconds: 1, name: 's' },
] as const;

/** A length of time in its two largest units: `2 h 5 min`, `48 s`. */
export function formatDuration(seconds: number): string {
	const whole = Math.max(0, Math.floor(seconds));
	const first = UNITS.findIndex((unit) => whole >= unit.seconds);
	if (first === -1) return '0 s';
	let rest = whole;
	const parts: string[] = [];
	for (const unit of UNITS.slice(first, first + 2)) {
		const count = Math.floor(rest / unit.seconds);
		rest -= count * unit.seconds;
		if (count > 0) parts.push(`${count} ${unit.name}`);
	}
	return parts.join(' ');
}

/** How long ago, in one unit: `just now`, `12 s ago`, `3 min ago`, `5 h ago`, `41 d ago`. A little in the future is now: clocks differ. */
export function formatAge(seconds: number): string {
	if (seconds < 2) return 'just now';
	const unit = UNITS.find((unit) => seconds >= unit.seconds) ?? UNITS[3];
	return `${Math.floor(seconds / unit.seconds)} ${unit.name} ago`;
}

const TIME = new Intl.DateTimeFormat('en-GB', {
	dateStyle: 'medium',
	timeStyle: 'medium',
	timeZone: 'UTC',
});
const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });

/** A moment in unix seconds: `21 Nov 2026, 07:33:08 UTC`. */
export function formatTime(at: number): string {
	return `${TIME.format(at * 1_000)} UTC`;
}

/** A day in unix seconds: `21 Nov 2026`. */
export function formatDate(at: number): string {
	return DATE.format(at * 1_000);
}

/** `1 GPU`, `2 GPUs`. */
export function plural(count: number, one: string, many = `${one}s`): string {
	return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
