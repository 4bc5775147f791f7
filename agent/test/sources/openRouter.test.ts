/** Shape and figures of GPT-4 as in OpenRouter's documentation. */
import { describe, expect, it } from 'vitest';
import { openRouter } from '../../src/sources/openRouter.ts';
import { ask, closeFakes, hostile, NOW, serve } from '../support/source.ts';

closeFakes();

function model(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		id: 'openai/gpt-4',
		canonical_slug: 'openai/gpt-4',
		name: 'GPT-4',
		created: 1_692_901_234,
		context_length: 8_192,
		architecture: { modality: 'text->text', input_modalities: ['text'], output_modalities: ['text'] },
		pricing: { prompt: '0.00003', completion: '0.00006' },
		...changes,
	};
}

const asked = (data: unknown[], more: Record<string, unknown> = {}) =>
	ask(openRouter, serve({ '/api/v1/models': { data, ...more } }));

describe('NET-05 OpenRouter', () => {
	it('offers tokens in USD for a million, exactly', async () => {
		const { quotes, inference } = await asked([model()]);
		expect(quotes).toEqual([]);
		expect(inference).toEqual([
			{
				key: 'openrouter:openai%2Fgpt-4',
				source: 'openrouter',
				provider: 'OpenRouter',
				model: 'openai/gpt-4',
				service: 'chat',
				evidence: 'live',
				observedAt: NOW,
				currency: 'USD',
				inputPerMillion: '30',
				outputPerMillion: '60',
				verifiability: null,
			},
		]);
	});

	it.each([
		['0.00000006', '0.06'],
		['0.000000073333333333', '0.073333333333'],
		['0.0000001', '0.1'],
	])('makes %s a token %s a million', async (prompt, million) => {
		const { inference } = await asked([model({ pricing: { prompt, completion: '0' } })]);
		expect(inference[0]).toMatchObject({ inputPerMillion: million, outputPerMillion: null });
	});

	it.each([
		['a free variant', { pricing: { prompt: '0', completion: '0' } }, 'no price'],
		['a router whose price depends', { pricing: { prompt: '-1', completion: '-1' } }, 'no price'],
		[
			'a fee for each request',
			{ pricing: { prompt: '0.1', completion: '0.1', request: '0.005' } },
			'priced by the request too',
		],
		['pictures', { architecture: { output_modalities: ['image'] } }, 'not priced by the token'],
		['a price in words', { pricing: { prompt: 'free', completion: '0' } }, 'not of the documented shape'],
		['no price', { pricing: {} }, 'not of the documented shape'],
		['a name there already is', { id: 'openai/gpt-4' }, 'named twice'],
	])('makes no offer of %s', async (_, changes, reason) => {
		const { inference, left } = await asked([model(), model({ id: 'other', ...changes })]);
		expect(inference.map(({ model: name }) => name)).toEqual(['openai/gpt-4']);
		expect(left).toEqual({ [reason]: 1 });
	});

	it('says when there are more pages than it read', async () => {
		expect((await asked([model()], { links: { next: '/api/v1/models?offset=500' } })).incomplete).toContain('pages');
		expect((await asked([model()], { links: { next: null } })).incomplete).toBeNull();
	});
});

hostile(openRouter, { data: [model()] });
