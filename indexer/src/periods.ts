/**
 * The start of the period that it is at `now`, as the contracts count those of a team's budget and of a session key: one after the other from
 * `first` on. A length of 0 is one period for ever.
 *
 * @param period seconds
 */
export function periodStartAt(first: bigint, period: number, now: bigint): bigint {
	return period === 0 ? first : now - ((now - first) % BigInt(period));
}
