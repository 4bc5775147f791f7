import { describe, expect, it } from 'vitest';
import { linkedFields, newJobHref } from './link.ts';

const paramsOf = (href: string) => new URL(href, 'http://necto').searchParams;

describe('a link to the job form', () => {
	it('brings its fields along', () => {
		const fields = {
			gpuModel: 'h100',
			gpuCount: 8,
			formFactors: ['sxm'],
			maxUsdPerGpuHour: '1.99',
			continents: ['europe', 'north-america'],
			countries: ['DE', 'FR'],
		} satisfies Parameters<typeof newJobHref>[0];
		expect(linkedFields(paramsOf(newJobHref(fields)))).toEqual(fields);
	});

	it('is plain when it says nothing', () => {
		expect(newJobHref({})).toBe('/jobs/new');
	});

	it.each([
		'gpuModel=H100',
		'gpuCount=-1',
		'gpuCount=1e3',
		'maxUsdPerGpuHour=free',
		'durationHours=1,5',
		'team=3',
		'tracked=false',
	])('takes nothing from %j', (query) => {
		expect(linkedFields(new URLSearchParams(query))).toEqual({});
	});

	it('drops words that no table has', () => {
		expect(linkedFields(new URLSearchParams('formFactors=sxm,toaster&countries=DE,xx,Germany'))).toEqual({
			formFactors: ['sxm'],
			countries: ['DE'],
		});
	});
});
