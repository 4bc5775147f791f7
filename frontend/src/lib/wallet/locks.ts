/** Exclusion between the tabs of a browser (Web Locks). Where a page has none (it needs https or localhost) each tab is by itself. */

/**
 * Runs `work` while no other tab, and nothing else in this one, holds the lock.
 *
 * @returns undefined without having run it when the lock is held
 */
export function withLockIfFree<Result>(name: string, work: () => Promise<Result>): Promise<Result | undefined> {
	// Absent outside of secure contexts, whatever the types say.
	const locks: LockManager | undefined = navigator.locks;
	if (locks === undefined) return work();
	return locks.request(name, { ifAvailable: true }, (lock) => (lock === null ? undefined : work()));
}

/** Waits for the lock, which a tab that is closed or reloaded lets go of, and runs `work` under it. */
export function withLock<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
	const locks: LockManager | undefined = navigator.locks;
	return locks === undefined ? work() : locks.request(name, work);
}
