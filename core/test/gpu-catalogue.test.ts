import { describe, expect, test } from 'vitest';
import { canonicalGpu, GPU_MODELS, gpuModel } from '../src/index.ts';

/** What listings on chain and published records already name. Add to it, take nothing away. */
const KEYS = (
	'gb300 gb200 gh200 b300 b200 h200 h100 h800 h20 a100 a800 a30 a40 a16 a10 a10g a2 l40s l40 l20 l4 t4 t4g v100 ' +
	'p100 p40 p4 k80 m60 k520 rtxpro6000 rtxpro6000s rtxpro6000mq rtxpro5000 rtxpro4500 rtxpro4000 rtx6000ada ' +
	'rtx5880ada rtx5000ada rtx4500ada rtx4000ada rtx4000sffada rtx2000ada rtxa6000 rtxa5500 rtxa5000 rtxa4500 ' +
	'rtxa4000 rtxa2000 quadrortx8000 quadrortx6000 quadrortx5000 quadrortx4000 quadrop6000 quadrop5000 ' +
	'quadrop4000 quadrop2000 quadrom4000 titanrtx titanv titanxp rtx5090 rtx5090d rtx5080 rtx5070ti rtx5070 ' +
	'rtx5060ti rtx5060 rtx4090 rtx4090d rtx4080s rtx4080 rtx4070tis rtx4070ti rtx4070s rtx4070 rtx4060ti rtx4060 ' +
	'rtx3090ti rtx3090 rtx3080ti rtx3080 rtx3070ti rtx3070 rtx3060ti rtx3060 rtx3050 rtx2080ti rtx2080s rtx2080 ' +
	'rtx2070s rtx2070 rtx2060s rtx2060 gtx1660ti gtx1660s gtx1660 gtx1650s gtx1650 gtx1080ti gtx1080 gtx1070ti ' +
	'gtx1070 gtx1060 gtx1050ti gtx1050 gtx980ti gtx980 gtx970 gtx960 mi355x mi350x mi325x mi300x mi308x mi300a ' +
	'mi250x mi250 mi210 mi100 mi60 mi50 mi25 radeonprov710 radeonprov620 radeonprov520 radeonprow7900 rx9070xt ' +
	'rx7900xtx rx7900xt max1550 max1100 flex170 arca770 arcb580'
).split(' ');

describe('DISC-03 the catalogue keeps', () => {
	test('every key that is on chain', () => {
		expect(KEYS.filter((key) => gpuModel(key) === undefined)).toEqual([]);
	});

	test('laptops’ chips apart from the cards that they are named after', () => {
		// The 4050 was made for laptops only.
		const laptops = GPU_MODELS.filter(({ name }) => name.endsWith('Laptop') && !name.includes('4050'));
		expect(laptops.length).toBeGreaterThan(20);
		for (const { key, name } of laptops) {
			expect(key).toMatch(/m$/);
			expect(canonicalGpu(name.replace('Laptop', 'Mobile'))).toEqual(canonicalGpu(key));
			expect(canonicalGpu(name.replace('Laptop', ''))).not.toEqual(canonicalGpu(key));
		}
	});
});
