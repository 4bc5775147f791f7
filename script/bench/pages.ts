import { launchChromium } from '../e2e/chromium.ts';
import type { Ready } from '../e2e/product.ts';
import { market } from './market.ts';

const RUNS = 7;

/** From the receipt of `start` to the job's page saying Running, in milliseconds of the one clock that both read. */
export async function measurePages(ready: Ready): Promise<number[]> {
	const { request, routed, send } = market(ready);
	const browser = await launchChromium();
	const figures: number[] = [];
	try {
		const page = await browser.newPage({ baseURL: ready.frontend });
		for (let run = 0; run <= RUNS; run++) {
			const { job } = await request();
			await routed(job);
			await page.goto(`/jobs/${job}`);
			await page.locator('[aria-current="step"]', { hasText: 'Routed' }).waitFor();
			// A page that is open and at rest: its own loading is another figure.
			await page.waitForTimeout(2500);
			const shown = page.evaluate(
				() =>
					new Promise<number>((resolve) => {
						const look = () => {
							if (document.querySelector('[aria-current="step"]')?.textContent?.includes('Running'))
								resolve(Date.now());
						};
						new MutationObserver(look).observe(document.body, {
							subtree: true,
							childList: true,
							characterData: true,
							attributes: true,
						});
					}),
			);
			await send('providerB', 'start', job);
			const receipt = Date.now();
			const at = await shown;
			if (run > 0) figures.push(Math.max(0, at - receipt));
			await send('providerB', 'complete', job);
		}
	} finally {
		await browser.close();
	}
	return figures;
}
