import type { Verification } from '@necto/core';

/**
 * The outcome in one sentence. Only a verification in which every check ran and passed is called verified; even then the summary names how many points
 * cannot be verified.
 */
export function summaryOf({ checks, ok, notCheckable }: Verification): string {
	const count = (status: 'passed' | 'failed' | 'not-run') => checks.filter((check) => check.status === status).length;
	const passed = `${count('passed')} of ${checks.length} checks passed`;
	if (ok) {
		const points = notCheckable.length === 1 ? 'One point' : `${notCheckable.length} points`;
		const rest = notCheckable.length === 0 ? '' : ` ${points} listed below cannot be verified.`;
		return `Verified: ${passed}.${rest}`;
	}
	const failed = count('failed');
	const notRun = count('not-run');
	const parts = [passed, failed > 0 ? `${failed} failed` : '', notRun > 0 ? `${notRun} could not run` : ''];
	return `${failed > 0 ? 'Not verified' : 'Not fully verified'}: ${parts.filter((part) => part !== '').join(', ')}.`;
}
