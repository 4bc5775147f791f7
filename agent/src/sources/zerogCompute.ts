/**
 * 0G Compute: what providers take for the tokens of language models, from their registry on the 0G chain (`InferenceServing.getAllServices`, as in
 * 0gfoundation/0g-serving-contract), read with `eth_call` and no key. Tokens of a model are no GPU-hours: these are offers of inference.
 *
 * Prices are neuron (10^-18 0G) for one token. What a provider says of how its answers can be checked is its own word: the label `TeeML` is also on
 * services where only the broker, not the model, runs in an enclave.
 */
import { formatRational } from '@necto/core';
import { type Address, decodeFunctionResult, encodeFunctionData, type Hex, isAddress, isHex, parseAbi } from 'viem';
import { z } from 'zod';
import type { SourceHttp } from './asking/http.ts';
import { type SourceAnswer, type SourceDefinition, SourceError } from './asking/source.ts';
import { InferenceOffers } from './reading/inference.ts';

export const SERVING_ABI = parseAbi([
	'struct Service { address provider; string serviceType; string url; uint256 inputPrice; uint256 outputPrice; uint256 updatedAt; string model; string verifiability; string additionalInfo; address teeSignerAddress; bool teeSignerAcknowledged; }',
	'function getAllServices(uint256 offset, uint256 limit) view returns (Service[] services, uint256 total)',
]);

/** The contract gives no more at once. */
const PAGE = 50;
const MOST_PAGES = 20;

/** A million tokens, in units of 10^-18: neuron × 10^6 ÷ 10^18. */
const PER_MILLION = 10n ** 12n;

export const zerogCompute: SourceDefinition = {
	id: 'zerog-compute',
	name: '0G Compute',
	network: '0g',
	url: 'https://docs.0g.ai/developer-hub/building-on-0g/compute-network/overview',
	about:
		'Tokens of language models at the prices in 0G’s registry, no GPU-hours. How answers can be checked is what the provider states.',
	prefix: 'ZEROG_COMPUTE',
	baseUrl: 'https://evmrpc.0g.ai',
	keys: [],
	needsKeys: false,
	options: {
		ZEROG_COMPUTE_REGISTRY: {
			value: '0x47340d900bdFec2BD393c626E12ea0656F938d84',
			about: 'Address of InferenceServing on the chain of ZEROG_COMPUTE_BASE_URL.',
		},
	},
	refreshSeconds: 600,
	fetch: async ({ http, now }, { baseUrl, options }) => {
		const registry = options.ZEROG_COMPUTE_REGISTRY ?? '';
		if (!isAddress(registry)) throw new SourceError('shape', 'ZEROG_COMPUTE_REGISTRY is not an address.');
		const services: Service[] = [];
		for (let page = 0; page < MOST_PAGES; page++) {
			const { found, total } = servicesIn(await call(http, baseUrl, registry, services.length));
			services.push(...found);
			if (found.length === 0 || services.length >= total) return offersOf(services, now).answer();
		}
		return offersOf(services, now)
			.cut(`It lists more than ${MOST_PAGES * PAGE} services.`)
			.answer();
	},
	/** @param body what the node answers to `eth_call` */
	read: (body, taken): SourceAnswer => {
		const { found, total } = servicesIn(body);
		const offers = offersOf(found, taken);
		return (found.length < total ? offers.cut(`${found.length} of ${total} services.`) : offers).answer();
	},
};

function call(http: SourceHttp, url: string, to: Address, offset: number): Promise<unknown> {
	const data = encodeFunctionData({
		abi: SERVING_ABI,
		functionName: 'getAllServices',
		args: [BigInt(offset), BigInt(PAGE)],
	});
	return http.json(url, { body: { jsonrpc: '2.0', id: 1, method: 'eth_call', params: [{ to, data }, 'latest'] } });
}

type Service = ReturnType<typeof servicesIn>['found'][number];

/** @throws SourceError when the node answers with an error or with something else */
function servicesIn(body: unknown) {
	const hex = z.custom<Hex>((value) => isHex(value));
	const answer = z.object({ result: hex }).safeParse(body);
	if (!answer.success) throw new SourceError('shape', 'The node does not answer with the registry’s services.');
	try {
		const [found, total] = decodeFunctionResult({
			abi: SERVING_ABI,
			functionName: 'getAllServices',
			data: answer.data.result,
		});
		return { found, total: Number(total) };
	} catch (cause) {
		throw new SourceError('shape', 'The registry answers in another shape than the documented one.', { cause });
	}
}

function offersOf(services: readonly Service[], taken: number): InferenceOffers {
	return new InferenceOffers(zerogCompute.id, taken).read(services, z.custom<Service>(), (service) => {
		// Images and speech are priced by the picture and the second.
		if (!/^chat/i.test(service.serviceType)) return 'not priced by the token';
		// Without it, the contract settles nothing with the provider.
		if (!service.teeSignerAcknowledged) return 'signer not acknowledged';
		return {
			id: `${service.provider}/${service.model}`,
			provider: service.provider,
			model: service.model,
			service: 'chat',
			currency: '0G',
			input: perMillion(service.inputPrice),
			output: perMillion(service.outputPrice),
			verifiability: service.verifiability === '' ? null : service.verifiability,
		};
	});
}

function perMillion(neuron: bigint): string {
	return formatRational({ numerator: neuron, denominator: PER_MILLION });
}
