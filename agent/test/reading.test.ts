import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { unixSeconds } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { linesOf, readOffers } from '../src/tools/reading.ts';

const TAKEN = 1_787_184_000;

// Lambda's figures of August 2026, Nosana's of December 2025, RunPod's of its documentation: each in its vendor's shape.
const LAMBDA = {
	data: {
		gpu_8x_h100_sxm5: {
			instance_type: {
				name: 'gpu_8x_h100_sxm5',
				description: '8x H100 (80 GB SXM5)',
				gpu_description: 'H100 (80 GB SXM5)',
				price_cents_per_hour: 3192,
				specs: { vcpus: 208, memory_gib: 1800, storage_gib: 22528, gpus: 8 },
			},
			regions_with_capacity_available: [{ name: 'us-west-1', description: 'California, USA' }],
		},
	},
};
const NOSANA = [
	{
		address: '97G9NnvBDQ2WpKu6fasoMsAKmfj63C9rhysJnkeWodAf',
		slug: 'nvidia-4090-community',
		name: 'NVIDIA 4090 Community',
		type: 'COMMUNITY',
		usd_reward_per_hour: 0.218175,
		network_fee_percentage: 10,
		gpu_types: ['NVIDIA GeForce RTX 4090'],
		lowest_vram: 24,
	},
];
const RUNPOD = {
	gpus: [
		{
			id: 'NVIDIA GeForce RTX 4090',
			name: 'RTX 4090',
			manufacturer: 'NVIDIA',
			memory: 24,
			secure: true,
			community: true,
			price: { secure: 0.44, community: 0.31 },
			maxCount: { secure: 8, community: 4 },
			availability: 'HIGH',
			dataCenters: [],
		},
	],
};
const CATALOGUE =
	'InstanceType,AcceleratorName,AcceleratorCount,Price,SpotPrice,Region\ngpu_1x_h100_pcie,H100,1.0,2.49,,us-west-1\n';

describe('AGT-02 a file of a network', () => {
	it.each([
		['lambda', JSON.stringify(LAMBDA), ['$3.99']],
		['nosana', JSON.stringify(NOSANA), ['$0.239993']],
		['runpod', JSON.stringify(RUNPOD), ['$0.31', '$0.44']],
		['skypilot', CATALOGUE, ['$2.49']],
	])('is known by its shape: %s', (id, text, prices) => {
		const { source, answer } = readOffers(text, TAKEN);
		expect(source.id).toBe(id);
		expect(linesOf(answer.quotes, [], TAKEN).offers.map(({ price }) => price)).toEqual(prices);
	});

	it('gives the reasons of the closest readers alone for a file of an unknown format', () => {
		expect(() => readOffers('{"weather":"fine"}', TAKEN)).toThrow(
			/^None of \d+ sources can read it\.\n {2}akash: Akash's answer [^\n]+\n {2}[^\n]+\n {2}[^\n]+\n {2}--source ID shows the reason of one of the other \d+\.$/,
		);
		expect(() => readOffers('a,b\n1,2\n', TAKEN)).toThrow(/\n {2}skypilot: /);
		expect(() => readOffers('{"weather":"fine"}', TAKEN, 'akash')).toThrow(/^It cannot be read\.\n {2}akash: [^\n]+$/);
		expect(() => readOffers('{"format":"necto.operator-quotes/1","quotes":1}', TAKEN)).toThrow(
			/\n {2}operator: OPERATOR_QUOTES_FILE is wrong at quotes: a list is expected\.\n/,
		);
		expect(() => readOffers('[]', TAKEN, 'necto')).toThrow(/No source 'necto' reads files/);
	});

	it('AGT-03 shows the reason where a token has no price, after the offers that have one', () => {
		const { quotes } = readOffers(JSON.stringify(NOSANA), TAKEN).answer;
		const inToken = quotes.map((quote) => ({ ...quote, price: { ...quote.price, currency: 'NOS' } }));
		const [usd, nos] = linesOf([...inToken, ...quotes], [], TAKEN).offers;
		expect(usd?.usdPerGpuHour).toBe(239_993n);
		expect(nos).toMatchObject({ usdPerGpuHour: null, price: 'No price of NOS in USD is known.' });
		const known = [{ symbol: 'NOS', usd: '0.5', source: 'given', observedAt: unixSeconds(TAKEN) }];
		expect(linesOf(inToken, known, TAKEN).offers[0]?.steps.join()).toContain('0.5 USD (given, 0 s old)');
	});
});

describe('AGT-02 npm run offers', () => {
	const root = join(import.meta.dirname, '../..');
	const run = (...args: string[]) => {
		const tool = join(root, 'agent/src/tools/readOffers.ts');
		const { status, stdout, stderr } = spawnSync(process.execPath, [tool, ...args], { encoding: 'utf8', cwd: root });
		return { status, stdout, stderr };
	};

	it('explains itself, and refuses an option that there is not', () => {
		const help = run('--help');
		expect([help.status, help.stderr]).toEqual([0, '']);
		expect(help.stdout).toMatch(/^Usage: npm run offers/);
		const wrong = run('--colour');
		expect(wrong.status).toBe(2);
		expect(wrong.stderr).toMatch(/--colour[\s\S]*Usage: npm run offers/);
		expect(wrong.stderr).not.toContain('    at ');
	});

	it('counts offers on other terms as well', () => {
		const { status, stdout } = run('docs/sources/operator-quotes.example.json', '--date', '2026-09-10');
		expect(status).toBe(0);
		expect(stdout).toContain('Own quotes, 2 offers.');
		expect(stdout).toContain('1 of them on other rental terms');
	});
});
