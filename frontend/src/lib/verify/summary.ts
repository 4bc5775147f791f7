import type { Verification } from '@necto/core';

/**
 * The outcome in one sentence. Only a verification in which every check ran and passed is called verified, and also then what nobody can check is named
 * beside it.
 */
export function summaryOf({ checks, ok, notCheckable }: Verification): string {
	const count = (status: 'passed' | 'failed' | 'not-run') => checks.filter((check) => check.status === status).length;
	const passed = `${count('passed')} of ${checks.length} checks passed`;
	if (ok) {
		const rest = notCheckable.length === 0 ? '' : ` Nobody can check the ${notCheckable.length} points listed below.`;
		return `Verified: ${passed}.${rest}`;
	}
	const failed = count('failed');
	const notRun = count('not-run');
	const parts = [passed, failed > 0 ? `${failed} failed` : '', notRun > 0 ? `${notRun} could not run` : ''];
	return `${failed > 0 ? 'Not verified' : 'Not fully verified'}: ${parts.filter((part) => part !== '').join(', ')}.`;
}
