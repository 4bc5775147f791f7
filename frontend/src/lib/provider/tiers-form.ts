/** A week's price tiers as typed, and as the contract takes them. Hours are UTC, as on chain. */
import { hourOfWeek, TIER_LIMITS, type Tier, type UnixSeconds } from '@necto/core';

/** All text, as in the inputs. */
export interface TierDraft {
	/** 0 is Monday. */
	day: string;
	hour: string;
	/** Of the rate. */
	percent: string;
}

export const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

export function tierDrafts(tiers: readonly Tier[]): TierDraft[] {
	return tiers.map(({ hour, multiplier }) => ({
		day: String(Math.floor(hour / 24)),
		hour: String(hour % 24),
		percent: String(multiplier / 100),
	}));
}

/** Reads the tiers, put in order; or what is wrong in words, with the row that it is about. */
export function readTiers(
	drafts: readonly TierDraft[],
): { ok: true; tiers: Tier[] } | { ok: false; row: number; error: string } {
	const tiers: Tier[] = [];
	for (const [row, draft] of drafts.entries()) {
		const percent = draft.percent.trim();
		const multiplier = /^\d{1,3}(\.\d{1,2})?$/.test(percent) ? Math.round(Number(percent) * 100) : 0;
		if (multiplier < 1 || multiplier > TIER_LIMITS.multiplier) {
			return { ok: false, row, error: 'Give a percentage of the rate from 0.01 to 655.35, such as 80.' };
		}
		const hour = Number(draft.day) * 24 + Number(draft.hour);
		if (tiers.some((tier) => tier.hour === hour)) return { ok: false, row, error: 'Another tier begins at this hour.' };
		tiers.push({ hour, multiplier });
	}
	if (tiers.length > TIER_LIMITS.most) {
		return { ok: false, row: TIER_LIMITS.most, error: `At most ${TIER_LIMITS.most} tiers.` };
	}
	return { ok: true, tiers: tiers.toSorted((one, other) => one.hour - other.hour) };
}

/** `Monday 08:00`. */
export function hourWords(hour: number): string {
	return `${DAYS[Math.floor(hour / 24)] ?? 'Day'} ${String(hour % 24).padStart(2, '0')}:00`;
}

/** `80 % of the rate`. */
export function multiplierWords({ multiplier }: Tier): string {
	return `${multiplier / 100} % of the rate`;
}

/** The hour of the week that it is. */
export function hourNow(now: UnixSeconds): string {
	return hourWords(hourOfWeek(now));
}
