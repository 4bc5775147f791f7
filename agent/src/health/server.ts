/** The router's own HTTP server, for its operator: `/health`, `/ready` and `/metrics`. Nothing that strangers ask for runs in the router's process. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Ready } from '@necto/core';
import { isFrom } from '../http/client.ts';
import type { Env } from '../http/context.ts';
import { emptyApi } from '../http/document.ts';
import { metricsArePrivate } from '../http/errors.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';

export interface PrivateApiOptions {
	version: string;
	/** Never rejects. */
	ready(): Promise<Ready>;
	metrics: Metrics;
	/** Updates the metrics that are computed on request. */
	measure(): Promise<void>;
	/** Addresses of clients that may read `/metrics`. */
	metricsClients: readonly string[];
	logger: Logger;
}

export function createPrivateApi(options: PrivateApiOptions): OpenAPIHono<Env> {
	const { metrics, version } = options;
	const app = emptyApi(options.logger);
	app.get('/health', (c) => c.json({ status: 'ok', version, uptimeSeconds: Math.floor(process.uptime()) }));
	app.get('/ready', async (c) => {
		const found = await options.ready();
		return c.json(found, found.ready ? 200 : 503);
	});
	app.get('/metrics', async (c) => {
		if (!isFrom(c, options.metricsClients)) throw metricsArePrivate();
		await options.measure();
		return c.text(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType });
	});
	return app;
}
