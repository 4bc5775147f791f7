/**
 * Figures: gpt-oss-120b at 0.10 and 0.49 0G for a million tokens, from 0G's documentation. The registry's answer is encoded by the ABI of its contract.
 */
import { type DecodeFunctionResultReturnType, encodeFunctionResult, zeroAddress } from 'viem';
import { describe, expect, it } from 'vitest';
import { SERVING_ABI, zerogCompute } from '../../src/sources/zerogCompute.ts';
import { sendJson } from '../support/http.ts';
import { ask, closeFakes, hostile, NOW } from '../support/source.ts';

closeFakes();

type Service = DecodeFunctionResultReturnType<typeof SERVING_ABI, 'getAllServices'>[0][number];

const PROVIDER = '0xf07240Efa67755B5311bc75784a061eDB47165Dd';

const service: Service = {
	provider: PROVIDER,
	serviceType: 'chatbot',
	url: 'http://192.0.2.7:8080',
	inputPrice: 100_000_000_000n,
	outputPrice: 490_000_000_000n,
	updatedAt: 1_780_000_000n,
	model: 'gpt-oss-120b',
	verifiability: 'TeeML',
	additionalInfo: '{}',
	teeSignerAddress: zeroAddress,
	teeSignerAcknowledged: true,
};

function answered(services: readonly Service[], total = services.length) {
	const result = encodeFunctionResult({
		abi: SERVING_ABI,
		functionName: 'getAllServices',
		result: [services, BigInt(total)],
	});
	return { jsonrpc: '2.0', id: 1, result };
}

const asked = (...services: Service[]) => ask(zerogCompute, (_, response) => sendJson(response, answered(services)));

describe('NET-05 0G Compute', () => {
	it('offers tokens of a model, in 0G for a million, and never a GPU-hour', async () => {
		const { quotes, inference, fake } = await asked(service);
		expect(quotes).toEqual([]);
		expect(inference).toEqual([
			{
				key: `zerog-compute:${PROVIDER}%2Fgpt-oss-120b`,
				source: 'zerog-compute',
				provider: PROVIDER,
				model: 'gpt-oss-120b',
				service: 'chat',
				evidence: 'live',
				observedAt: NOW,
				currency: '0G',
				inputPerMillion: '0.1',
				outputPerMillion: '0.49',
				verifiability: 'TeeML',
			},
		]);
		expect(JSON.parse(fake.requests[0]?.body ?? '')).toMatchObject({
			method: 'eth_call',
			params: [{ to: '0x47340d900bdFec2BD393c626E12ea0656F938d84' }, 'latest'],
		});
	});

	it('is not brought down by a provider that gives its model an endless name', async () => {
		const long = { ...service, model: 'é'.repeat(5_000), provider: zeroAddress };
		const { inference, failing, left } = await asked(long, service);
		expect(failing).toBeNull();
		expect(inference.map(({ model }) => model)).toEqual(['gpt-oss-120b']);
		expect(left).toEqual({ 'not of the documented shape': 1 });
	});

	it('keeps each neuron of a price', async () => {
		const { inference } = await asked({ ...service, inputPrice: 1n, outputPrice: 123_456_789_012_345_678n });
		expect(inference[0]).toMatchObject({ inputPerMillion: '0.000000000001', outputPerMillion: '123456.789012345678' });
	});

	it('takes zero for no price, never for free', async () => {
		const { inference, left } = await asked(
			{ ...service, inputPrice: 0n },
			{ ...service, model: 'nothing', inputPrice: 0n, outputPrice: 0n },
		);
		expect(inference).toHaveLength(1);
		expect(inference[0]?.inputPerMillion).toBeNull();
		expect(left).toEqual({ 'no price': 1 });
	});

	it('says nothing of checks that the provider does not state', async () => {
		const { inference } = await asked({ ...service, verifiability: '' });
		expect(inference[0]?.verifiability).toBeNull();
	});

	it.each([
		['for pictures', { serviceType: 'text-to-image' }, 'not priced by the token'],
		['that the contract settles nothing with', { teeSignerAcknowledged: false }, 'signer not acknowledged'],
		['with a name that would break a page', { model: 'gpt\u0007' }, 'not of the documented shape'],
	])('makes no offer of a service %s', async (_, changes, reason) => {
		const { inference, left } = await asked(service, { ...service, model: 'other', ...changes });
		expect(inference.map(({ model }) => model)).toEqual(['gpt-oss-120b']);
		expect(left).toEqual({ [reason]: 1 });
	});

	it('turns pages until it has all, fifty at a time', async () => {
		const all = Array.from({ length: 70 }, (_, index) => ({ ...service, model: `model-${index}` }));
		let page = 0;
		const { inference, incomplete, fake } = await ask(zerogCompute, (_, response) => {
			sendJson(response, answered(all.slice(page * 50, ++page * 50), all.length));
		});
		expect(inference).toHaveLength(70);
		expect(incomplete).toBeNull();
		expect(fake.requests).toHaveLength(2);
	});

	it('stops turning pages that have no end', async () => {
		const { inference, incomplete, fake } = await ask(zerogCompute, (_, response) => {
			sendJson(response, answered([service], 1_000_000));
		});
		expect(fake.requests).toHaveLength(20);
		expect(inference).toHaveLength(1);
		expect(incomplete).toContain('more than');
	});

	it.each([
		['a node that refuses', { jsonrpc: '2.0', id: 1, error: { code: -32000, message: 'execution reverted' } }],
		['an address without a contract', { jsonrpc: '2.0', id: 1, result: '0x' }],
		['bytes of something else', { jsonrpc: '2.0', id: 1, result: `0x${'ff'.repeat(64)}` }],
	])('makes nothing of %s', async (_, body) => {
		const { failing, inference } = await ask(zerogCompute, (_request, response) => sendJson(response, body));
		expect(failing?.failure).toBe('shape');
		expect(inference).toEqual([]);
	});

	it('asks no registry that is not an address', async () => {
		const { failing, fake } = await ask(zerogCompute, () => undefined, { options: { ZEROG_COMPUTE_REGISTRY: '0x12' } });
		expect(failing?.message).toContain('ZEROG_COMPUTE_REGISTRY');
		expect(fake.requests).toEqual([]);
	});
});

hostile(zerogCompute, answered([service]));
