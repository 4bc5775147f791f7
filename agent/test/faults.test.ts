/** SYS-05: what is wrong with a request, in sentences. */
import { apiErrorSchema, quoteRequestSchema, watchWishSchema } from '@necto/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { faultText } from '../src/faults.ts';
import { historyQuerySchema, tokenHistoryQuerySchema } from '../src/http/history.ts';
import { refuseUnknownSources, refuseUnknownToken } from '../src/http/known.ts';
import { movingSource, offer, offersApp, type TestMarket, testMarket } from './support/market.ts';

let made: TestMarket;

beforeAll(async () => {
	made = await testMarket([movingSource('akash', offer('akash', 'a', '1.50'))]);
	await made.refresh();
});

afterAll(async () => {
	await made?.close();
});

const ask = async (path: string, method = 'GET') => {
	const response = await offersApp(made).request(path, { method });
	return { response, error: apiErrorSchema.parse(await response.json()) };
};

/** The first fault of an input. */
function faultOf(schema: z.ZodType, input: unknown): string {
	const [issue] = schema.safeParse(input).error?.issues ?? [];
	return issue === undefined ? 'none' : faultText(issue, { schema, input });
}

describe('SYS-05 a request that does not fit', () => {
	it.each([
		['/offers?offset=abc', "offset: a whole number of at least 0 is expected, not 'abc'"],
		['/offers?limit=0', "limit: a whole number from 1 to 10000 is expected, not '0'"],
		['/offers?limit=1.5', "limit: a whole number from 1 to 10000 is expected, not '1.5'"],
		['/offers?gpus=', 'gpus: must be a whole number from 1 to 65,535'],
		['/offers?gpus=1e9', 'gpus: must be a whole number from 1 to 65,535'],
		['/offers?width=0', 'width: must be a whole number from 1 to 65,535'],
		['/offers?width=70000', 'width: must be a whole number from 1 to 65,535'],
		['/offers?sort=worst', "sort: one of best, price, -price, age, gpu, source is expected, not 'worst'"],
		['/offers?routable=yes', "routable: one of true, false is expected, not 'yes'"],
		['/offers?form=cube', 'form.0: one of '],
		['/offers?maxUsd=cheap', 'maxUsd: must be a decimal number of USD such as 2.50'],
	])('%s', async (path, words) => {
		const { response, error } = await ask(path);
		expect([response.status, error.code]).toEqual([400, 'invalid_request']);
		expect(error.message).toContain(words);
	});

	it.each<[z.ZodType, unknown, string]>([
		[z.object({ name: z.string() }), {}, 'name is missing'],
		[z.object({ name: z.string() }), { name: null }, 'name: a text is expected, not null'],
		[z.object({ a: z.object({ b: z.boolean() }) }), { a: {} }, 'a.b is missing'],
		[
			z.object({ a: z.array(z.int()).min(2) }),
			{ a: [1] },
			'a: a list of at least 2 entries is expected, not a list of 1',
		],
		[z.object({ a: z.array(z.int()) }), { a: ['x'] }, "a.0: a whole number is expected, not 'x'"],
		[z.object({ a: z.string().max(2) }), { a: 'abc' }, "a: a text of at most 2 characters is expected, not 'abc'"],
		[z.object({ a: z.string().min(1) }), { a: '' }, "a: a text of at least 1 character is expected, not ''"],
		[z.object({ a: z.literal('v') }), { a: 'w' }, "a: 'v' is expected, not 'w'"],
		[z.object({ a: z.iso.date() }), { a: 'x' }, "a: a date such as 2026-08-20 is expected, not 'x'"],
		[z.object({ a: z.number().multipleOf(2) }), { a: 3 }, 'a: a multiple of 2 is expected, not 3'],
		[z.object({ a: z.union([z.string(), z.boolean()]) }), { a: 1 }, 'a: a text or true or false is expected, not 1'],
		[z.strictObject({ a: z.strictObject({}) }), { a: { b: 1 } }, "Unknown field 'b' in a"],
		[z.object({}), 'x', "The input: an object is expected, not 'x'"],
		[watchWishSchema, {}, 'gpuModel is missing'],
		[quoteRequestSchema, { request: 1 }, 'request: an object is expected, not 1'],
		[historyQuerySchema, { gpu: 'h100', days: '0' }, "days: a whole number from 1 to 3650 is expected, not '0'"],
		[tokenHistoryQuerySchema, {}, 'symbol is missing'],
	])('%#: in words of people', (schema, input, words) => {
		expect(faultOf(schema, input)).toBe(words);
	});
});

describe('DISC-01 names that nothing has', () => {
	it('are refused with similar ones, and a model of the catalogue without offers is an empty answer', async () => {
		const unknown = await ask('/offers?gpu=h10');
		expect([unknown.response.status, unknown.error.code]).toEqual([400, 'unknown_gpu_model']);
		expect(unknown.error.message).toContain("'h10'");
		expect(unknown.error.suggestion).toContain('Did you mean h100');
		for (const path of ['/offers.csv?gpu=doesnotexist', '/offers/stream?gpu=doesnotexist']) {
			expect((await ask(path)).error.suggestion).toContain('such as h100');
		}
		expect((await offersApp(made).request('/offers?gpu=b300')).status).toBe(200);
		expect((await ask('/offers?source=akahs')).error).toMatchObject({
			code: 'unknown_source',
			suggestion: expect.stringContaining('akash'),
		});
		expect(() => refuseUnknownSources(['oracle', 'necto'], () => false)).not.toThrow();
		expect(() => refuseUnknownToken('ZZZ')).toThrow("no price is kept of a token 'ZZZ'");
		expect(() => refuseUnknownToken('AKT')).not.toThrow();
	});
});

describe('SYS-05 a method that an address does not take', () => {
	it('is told from an address that does not exist', async () => {
		const { response, error } = await ask('/offers', 'POST');
		expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
		expect(error).toMatchObject({ code: 'method_not_allowed', suggestion: expect.stringContaining('GET') });
		expect((await ask('/offers/akash%3Aa', 'DELETE')).response.status).toBe(405);
		expect((await ask('/nothing', 'POST')).response.status).toBe(404);
	});
});
