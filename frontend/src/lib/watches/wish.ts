import { CONTINENTS, LIMITS, readWhole, type WatchWish, watchWishSchema } from '@necto/core';
import { formatMoney } from '../format.ts';
import { gpuName } from '../jobs/words.ts';
import { basketOf, type Filters, microUsdOf, partsOf } from '../market/filters.ts';
import { placeName } from '../market/places.ts';

/** What the form of a watch holds, as typed. */
export interface WishDraft {
	gpu: string;
	/** USD per GPU-hour. */
	max: string;
	count: string;
	places: readonly string[];
	memory: string;
	routableOnly: boolean;
}

/** A draft from what the market is filtered by. */
export function draftFrom(filters: Filters): WishDraft {
	return {
		gpu: basketOf(filters.gpu)[0]?.model ?? '',
		max: filters.maxUsd ?? '',
		count: filters.width ?? filters.gpus ?? '1',
		places: partsOf(filters.region),
		memory: filters.memory ?? '',
		routableOnly: filters.routable === 'true',
	};
}

/** The wish of a draft, or what is wrong with it, by field. */
export function wishOf(draft: WishDraft): { wish: WatchWish } | { errors: Partial<Record<keyof WishDraft, string>> } {
	const max = microUsdOf(draft.max.trim());
	const errors: Partial<Record<keyof WishDraft, string>> = {};
	if (draft.gpu === '') errors.gpu = 'Choose a GPU';
	if (max === null || max === 0n) errors.max = 'An amount such as 2.50';
	const count = readWhole(draft.count, LIMITS.gpuCount);
	if (typeof count === 'string') errors.count = count;
	const memory = readWhole(draft.memory.trim() || '0', LIMITS.memoryGiB);
	if (typeof memory === 'string') errors.memory = memory;
	const parsed = watchWishSchema.safeParse({
		gpuModel: draft.gpu,
		continents: draft.places.filter((place) => CONTINENTS.some((continent) => continent === place)).slice(0, 8),
		countries: draft.places
			.filter((place) => place.length === 2)
			.map((code) => code.toUpperCase())
			.slice(0, 8),
		minMemoryGiB: memory,
		gpuCount: count,
		maxPricePerGpuHour: String(max ?? 0n),
		routableOnly: draft.routableOnly,
	});
	if (Object.keys(errors).length > 0) return { errors };
	return parsed.success ? { wish: parsed.data } : { errors: { gpu: 'The agent would not understand this wish' } };
}

/** `8 × H100 in Europe, at or below $2.5000`. */
export function wishWords(wish: WatchWish): string {
	const places = [...wish.continents, ...wish.countries].map(placeName);
	const parts = [
		`${wish.gpuCount > 1 ? `${wish.gpuCount} × ` : ''}${gpuName(wish.gpuModel)}`,
		wish.minMemoryGiB > 0 && `from ${wish.minMemoryGiB} GiB`,
		places.length > 0 && `in ${places.join(' or ')}`,
	].filter(Boolean);
	const limit = `at or below ${formatMoney(BigInt(wish.maxPricePerGpuHour), 'price')}`;
	return `${parts.join(' ')}, ${limit}${wish.routableOnly ? ', routable' : ''}`;
}
