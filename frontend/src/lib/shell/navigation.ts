import Briefcase from '@lucide/svelte/icons/briefcase';
import ChartCandlestick from '@lucide/svelte/icons/chart-candlestick';
import CirclePlus from '@lucide/svelte/icons/circle-plus';
import Server from '@lucide/svelte/icons/server';
import Users from '@lucide/svelte/icons/users';
import type { Component } from 'svelte';

export interface Place {
	path: string;
	name: string;
	icon: Component<{ class?: string }>;
}

/** The pages there are. */
export const places: readonly Place[] = [
	{ path: '/market', name: 'Market', icon: ChartCandlestick },
	{ path: '/jobs/new', name: 'New job', icon: CirclePlus },
	{ path: '/jobs', name: 'Jobs', icon: Briefcase },
	{ path: '/provider', name: 'Provider', icon: Server },
	{ path: '/teams', name: 'Teams', icon: Users },
];

/** The place that a path belongs to: the one with the longest matching path, so that `/jobs/new` is not Jobs. */
export function placeOf(path: string): Place | null {
	const inside = places.filter((place) => path === place.path || path.startsWith(`${place.path}/`));
	return inside.reduce<Place | null>(
		(best, each) => (best === null || each.path.length > best.path.length ? each : best),
		null,
	);
}
