/** What the docs say about the agent holds: examples, parameters, sources, links. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { address, quoteResponseSchema } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Api } from '../src/http/context.ts';
import { emptyApi } from '../src/http/document.ts';
import { offersQuerySchema } from '../src/http/offers.ts';
import { addQuotes } from '../src/http/quotes.ts';
import { createLogger } from '../src/logger.ts';
import { SOURCES } from '../src/sources/all.ts';
import { linesOf, readOffers } from '../src/tools/reading.ts';
import { NOW, testMarket } from './support/market.ts';
import { standIn } from './support/standIns.ts';

const root = join(import.meta.dirname, '../..');
const agentDoc = readFileSync(join(root, 'docs/agent.md'), 'utf8');

const quotesApp = (market: Api['market']) => {
	const app = emptyApi(createLogger('silent'));
	addQuotes(app, standIn<Api>({ market, chainId: 31337, registry: address(`0x${'11'.repeat(20)}`) }));
	return app;
};

describe('AGT-04 POST /quotes in docs/agent.md', () => {
	const [request, answer] = [...agentDoc.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, text = '']): unknown =>
		JSON.parse(text),
	);

	it('has an example whose answer is the one that is shown', async () => {
		const made = await testMarket();
		try {
			const example = z.object({ request: z.looseObject({ routeDeadline: z.int() }) }).parse(request);
			// The only field that the calendar makes invalid.
			example.request.routeDeadline = Math.floor(Date.now() / 1_000) + 3_600;
			const response = await quotesApp(made.market).request('/quotes', {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(example),
			});
			expect(response.status).toBe(200);
			const body: unknown = await response.json();
			expect(quoteResponseSchema.parse(body).snapshotTakenAt).toBe(NOW);
			expect(body).toMatchObject(z.record(z.string(), z.unknown()).parse(answer));
		} finally {
			await made.close();
		}
	});

	it('has each of its fields described with an example in the OpenAPI document', async () => {
		const app = quotesApp(standIn<Api['market']>({}));
		app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'test', version: '1' } });
		const field = z.object({
			description: z.string().min(10),
			example: z.unknown().refine((value) => value !== undefined),
		});
		const schema = z.object({
			properties: z.object({ request: z.object({ properties: z.record(z.string(), field) }) }),
		});
		const { paths } = z
			.object({
				paths: z.object({
					'/quotes': z.object({
						post: z.object({
							requestBody: z.object({ content: z.object({ 'application/json': z.object({ schema }) }) }),
						}),
					}),
				}),
			})
			.parse(await (await app.request('/openapi.json')).json());
		const { properties } = paths['/quotes'].post.requestBody.content['application/json'].schema.properties.request;
		const { maxPricePerGpuHour } = properties;
		expect(Object.keys(properties)).toHaveLength(18);
		expect(maxPricePerGpuHour?.description).toContain('micro-USD');
	});
});

describe('docs/agent.md', () => {
	it('DISC-01 names each parameter of GET /offers and no other', () => {
		const [row = ''] = /^\| `GET \/offers` .*$/m.exec(agentDoc) ?? [];
		const names = [...row.matchAll(/`([a-zA-Z]+)(?:=\w+)?`/g)].map(([, name = '']) => name);
		const documented = names.filter((name) => !['link', 'ETag'].includes(name));
		expect(documented.toSorted()).toEqual(Object.keys(offersQuerySchema.shape).toSorted());
	});

	it('DISC-02 names each source in its table', () => {
		const [, section = ''] = agentDoc.split('## Where offers come from');
		const table = section
			.split('\n')
			.filter((line) => line.startsWith('|'))
			.join('\n');
		const missing = SOURCES.filter(({ id, name }) => !table.includes(name) && !table.includes(`\`${id}\``));
		expect(missing.map(({ name }) => name)).toEqual([]);
	});
});

describe('AGT-02 the example of an operator file', () => {
	it('is read, and its reserved quote is listed separately', () => {
		const text = readFileSync(join(root, 'docs/sources/operator-quotes.example.json'), 'utf8');
		const taken = Date.UTC(2026, 8, 10) / 1_000;
		const { source, answer } = readOffers(text, taken);
		const { offers, otherTerms } = linesOf(answer.quotes, [], taken);
		expect([source.id, offers.map(({ price }) => price), otherTerms.map(({ price }) => price)]).toEqual([
			'operator',
			['$2.10'],
			['$1.50'],
		]);
		expect([answer.left, answer.incomplete]).toEqual([{}, null]);
	});
});

/** Markdown files of a folder and those below it. */
function pagesIn(folder: string): string[] {
	return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) return pagesIn(path);
		return entry.name.endsWith('.md') ? [path] : [];
	});
}

/** Anchors as GitHub makes them of headings: lower case, no punctuation, hyphens for spaces. */
function anchorsOf(text: string): Set<string> {
	const seen = new Map<string, number>();
	const plain = text.replace(/^```[\s\S]*?^```$/gm, '');
	return new Set(
		[...plain.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
			const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
			const anchor = words.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
			const before = seen.get(anchor) ?? 0;
			seen.set(anchor, before + 1);
			return before === 0 ? anchor : `${anchor}-${before}`;
		}),
	);
}

describe('links in the docs', () => {
	const pages = [join(root, 'README.md'), ...pagesIn(join(root, 'docs'))];

	it.each(pages.map((page) => relative(root, page)))('%s: each leads to a file and a heading', (page) => {
		const file = join(root, page);
		const text = readFileSync(file, 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
		const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
			if (/^[a-z]+:/.test(link)) return [];
			const [path = '', anchor] = link.split('#');
			const target = path === '' ? file : join(dirname(file), path);
			if (!existsSync(target)) return [link];
			if (anchor === undefined || !target.endsWith('.md')) return [];
			return anchorsOf(readFileSync(target, 'utf8')).has(anchor) ? [] : [link];
		});
		expect(broken).toEqual([]);
	});
});
