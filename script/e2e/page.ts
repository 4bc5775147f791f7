import type { Page } from 'playwright-core';

/** Presses an action of a job's page and says yes to what it means. */
export async function act(page: Page, action: string): Promise<void> {
	await page.getByRole('button', { name: action, exact: true }).click();
	await page.getByRole('button', { name: `Yes, ${action.toLowerCase()}` }).click();
}

/** Waits until the job's page says that this step is reached. */
export async function stands(page: Page, step: string): Promise<void> {
	const reached = new RegExp(`${step}, (now|done|ended here)`);
	await page.getByRole('list', { name: 'Lifecycle' }).getByRole('listitem').filter({ hasText: reached }).waitFor();
}
