/** Where a machine stands, when a network says it in two fields. */
import { regionOf } from '@necto/core';

/**
 * The first text if it names a country by itself; otherwise both, the wider place in front, so that the country is found: `FI, dc-2`.
 *
 * @param wider the country or a description of the place
 */
export function placeOf(place: string | null | undefined, wider: string | null | undefined): string | null {
	if (place == null || place === '') return wider ?? null;
	if (wider == null || wider === '') return place;
	const country = regionOf(place).country;
	const named = regionOf(wider).country;
	return country !== null && (named === null || named === country) ? place : `${wider}, ${place}`;
}
