import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalGpu, GPU_MODELS, gpuModel } from '../src/index.ts';

const anyModel = fc.constantFrom(...GPU_MODELS);
const options = { seed: 20_261_126, numRuns: 2_000 };

describe('DISC-03 canonical names', () => {
	test('never throw, whatever the text and the hints, and name only what the catalogue has', () => {
		const text = fc.oneof(
			fc.string({ unit: 'binary', maxLength: 300 }),
			fc.string({ unit: 'grapheme', maxLength: 300 }),
			fc
				.array(fc.constantFrom('8x', 'h100', 'x8', '4090', 'ti', '80gb', '1g.', '5gb', '/', '6000', 'ada', '×', ' '))
				.map((parts) => parts.join('')),
		);
		const hints = fc.record({ memoryGiB: fc.option(fc.double()), count: fc.option(fc.double()) });
		fc.assert(
			fc.property(text, hints, (name, hint) => {
				const gpu = canonicalGpu(name, hint);
				for (const key of 'ok' in gpu ? [gpu.ok.model] : gpu.candidates) expect(gpuModel(key)).toBeDefined();
				if ('ok' in gpu && gpu.ok.memoryGiB !== undefined)
					expect(Number.isSafeInteger(gpu.ok.memoryGiB) && gpu.ok.memoryGiB > 0).toBe(true);
			}),
			options,
		);
	});

	test('are read back as themselves, with every memory and form factor that the model comes with', () => {
		for (const model of GPU_MODELS) {
			for (const { formFactor, memoriesGiB } of model.variants) {
				for (const memoryGiB of memoriesGiB) {
					const expected = { ok: { model: model.key, formFactor, memoryGiB } };
					expect(canonicalGpu(model.name, { formFactor, memoryGiB })).toEqual(expected);
					expect(canonicalGpu(model.key, { formFactor, memoryGiB })).toEqual(expected);
				}
			}
		}
	});

	test('do not depend on case, punctuation or the maker in front', () => {
		const between = fc.constantFrom(' ', '-', '_', '  ', '.', ', ', ' - ');
		fc.assert(
			fc.property(anyModel, between, fc.constantFrom('', 'x', 'X'), fc.boolean(), (model, mark, times, upper) => {
				const spelt = `${times === '' ? '' : `8${times}${mark}`}${model.vendor}${mark}${model.name.replaceAll(' ', mark)}`;
				expect(canonicalGpu(upper ? spelt.toUpperCase() : spelt.toLowerCase())).toEqual(canonicalGpu(model.name));
			}),
			options,
		);
	});

	test('are whole words: a letter or digit more is another name', () => {
		fc.assert(
			fc.property(anyModel, fc.constantFrom('z', '7', 'qq'), (model, more) => {
				const gpu = canonicalGpu(`${model.key}${more}`);
				expect('ok' in gpu && gpu.ok.model === model.key).toBe(false);
			}),
			options,
		);
	});

	test.each([
		['a'.repeat(200)],
		['8x'.repeat(100)],
		['1'.repeat(200)],
		['nvidia'.repeat(33)],
		['rtx '.repeat(50)],
		['80gb '.repeat(40)],
		['6000 '.repeat(40)],
		['1g.5gb'.repeat(33)],
		['h100sxm5'.repeat(25)],
		['(r)'.repeat(66)],
		['-'.repeat(200)],
		['a 1 '.repeat(50)],
	])('%j is answered at once', (hostile) => {
		// Two hundred of them within the test's own limit: something that backtracks takes minutes for one.
		for (let turn = 0; turn < 200; turn++) expect(canonicalGpu(hostile)).toBeDefined();
	});
});
