/**
 * OpenRouter: the lowest prices at which it passes language models on. Documented at openrouter.ai/docs (`GET /api/v1/models`), keyless. A yardstick for
 * other offers of inference.
 *
 * Prices are decimal texts in USD for one token. "0" is a free variant with limits of its own, "-1" a router whose price depends on where it sends: neither
 * is a price.
 */
import { z } from 'zod';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { product } from './reading/decimals.ts';
import { InferenceOffers } from './reading/inference.ts';

const decimal = z.string().regex(/^-?\d{1,20}(\.\d{1,40})?$/);

const modelSchema = z.object({
	id: z.string().min(1),
	architecture: z.object({ output_modalities: z.array(z.string()).optional() }).nullish(),
	pricing: z.object({ prompt: decimal, completion: decimal, request: decimal.nullish() }),
});

const answerSchema = z.object({
	data: z.array(z.unknown()),
	links: z.object({ next: z.string().nullish() }).nullish(),
});

export const openRouter: SourceDefinition = {
	id: 'openrouter',
	name: 'OpenRouter',
	network: 'openrouter',
	url: 'https://openrouter.ai/models',
	about: 'Tokens of language models at the lowest price of those that OpenRouter passes them on from; no GPU-hours.',
	prefix: 'OPENROUTER',
	baseUrl: 'https://openrouter.ai',
	keys: [],
	needsKeys: false,
	refreshSeconds: 3_600,
	fetch: async ({ http, now }, { baseUrl }) => read(await http.json(`${baseUrl}/api/v1/models`), now),
	read,
};

function read(body: unknown, taken: number): SourceAnswer {
	const answer = answerSchema.safeParse(body);
	if (!answer.success) throw new SourceError('shape', 'Its answer does not list models.');
	const offers = new InferenceOffers(openRouter.id, taken).read(answer.data.data, modelSchema, (model) => {
		const { prompt, completion, request } = model.pricing;
		if (model.architecture?.output_modalities?.includes('text') === false) return 'not priced by the token';
		if (request != null && /[1-9]/.test(request)) return 'priced by the request too';
		return {
			id: model.id,
			provider: 'OpenRouter',
			model: model.id,
			service: 'chat',
			currency: 'USD',
			input: perMillion(prompt),
			output: perMillion(completion),
		};
	});
	if (answer.data.links?.next != null) offers.cut('It has more pages than the first.');
	return offers.answer();
}

/** What is below zero stays as it is: no price. */
function perMillion(perToken: string): string {
	return perToken.startsWith('-') ? perToken : product(perToken, '1000000');
}
