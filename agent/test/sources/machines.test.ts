import { gpuModel } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { AWS_TYPES, awsMachine } from '../../src/sources/reading/machines/aws.ts';
import { AZURE_GPUS, azureMachine } from '../../src/sources/reading/machines/azure.ts';
import { GCP_SHAPES } from '../../src/sources/reading/machines/gcp.ts';
import { ORACLE_SHAPES } from '../../src/sources/reading/machines/oracle.ts';

describe('NET-05 what stands inside the machines of clouds', () => {
	it('names GPUs of the catalogue only, with a memory and a form that they are made in', () => {
		const machines = [
			...AWS_TYPES.map(awsMachine),
			...AZURE_GPUS,
			...GCP_SHAPES,
			...[...ORACLE_SHAPES.values()].flat(),
		];
		expect(machines.length).toBeGreaterThan(100);
		for (const machine of machines) {
			if (typeof machine === 'string') throw new Error(machine);
			const variants = gpuModel(machine.model)?.variants ?? [];
			const made = variants.find(({ formFactor }) => formFactor === machine.formFactor);
			expect(made?.memoriesGiB, JSON.stringify(machine)).toContain(machine.memoryGiB);
		}
	});

	it.each([
		['p5.48xlarge', 'h100', [8, 1], 192, 2048],
		['p5.4xlarge', 'h100', [1, 1], 16, 256],
		['p4d.24xlarge', 'a100', [8, 1], 96, 1152],
		['p6-b200.48xlarge', 'b200', [8, 1], 192, 2048],
		['g6f.large', 'l4', [1, 8], 2, 8],
		['g6f.4xlarge', 'l4', [1, 2], 16, 64],
		['g4dn.metal', 't4', [8, 1], 96, 384],
		['g5g.16xlarge', 't4g', [2, 1], 64, 128],
		['p2.16xlarge', 'k80', [16, 1], 64, 732],
	])('knows that %s of AWS has %s', (type, model, gpus, vcpus, ramGiB) => {
		expect(awsMachine(type)).toMatchObject({ model, gpus, vcpus, ramGiB });
	});

	it.each([
		'inf2.48xlarge',
		'trn1.32xlarge',
		'dl1.24xlarge',
		'vt1.3xlarge',
		'f1.2xlarge',
		'm5.large',
		'r7g.medium',
		'',
	])('takes %s of AWS for no GPU', (type) => {
		expect(awsMachine(type)).toBe('not-a-gpu');
	});

	it.each(['p9.48xlarge', 'g6.metal-48xl', 'p5.metal'])('guesses nothing about %s of AWS', (type) => {
		expect(awsMachine(type)).toBe('unknown');
	});

	it.each([
		['Standard_ND96isr_H100_v5', 'h100', [8, 1]],
		['Standard_ND96is_noIB_H100_v5', 'h100', [8, 1]],
		['Standard_ND96asr_v4', 'a100', [8, 1]],
		['Standard_ND96isr_MI300X_v5', 'mi300x', [8, 1]],
		['Standard_ND128isr_NDR_GB200_v6', 'gb200', [4, 1]],
		['Standard_NC24ads_A100_v4', 'a100', [1, 1]],
		['Standard_NC80adis_H100_v5', 'h100', [2, 1]],
		['Standard_NCC40ads_H100_v5', 'h100', [1, 1]],
		['Standard_NC36lds_xl_RTXPRO6000BSE_v6', 'rtxpro6000s', [1, 4]],
		['Standard_NC288ds_xl_RTXPRO6000BSE_v6', 'rtxpro6000s', [2, 1]],
		['Standard_NC12_Promo', 'k80', [2, 1]],
		['Standard_NC12s_v3', 'v100', [2, 1]],
		['Standard_NV6ads_A10_v5', 'a10', [1, 6]],
		['Standard_NV72ads_A10_v5', 'a10', [2, 1]],
		['Standard_NV4as_v4', 'mi25', [1, 8]],
		['Standard_NV8ads_V710_v5', 'radeonprov710', [1, 3]],
		['Standard_NG16ads_V620_v1', 'radeonprov620', [1, 2]],
	])('knows that %s of Azure has %s', (type, model, gpus) => {
		expect(azureMachine(type)).toMatchObject({ model, gpus });
	});

	it.each(['Standard_NP10s', 'Standard_NM16ads_MA35D  ', 'Standard_D4s_v5', 'Standard_HB120rs_v3'])(
		'takes %s of Azure for no GPU',
		(type) => {
			expect(azureMachine(type)).toBe('not-a-gpu');
		},
	);

	it.each([
		'Standard_NC8lds_xl_RTXPRO6000BSE_v6',
		'Standard_ND48s_H100_v5',
		'Standard_ND96isr_Z900_v9',
		'Standard_NC6s_v9',
	])('guesses nothing about %s of Azure', (type) => {
		expect(azureMachine(type)).toBe('unknown');
	});
});
