/** SYS-05: the public API as a process, attacked on every endpoint at once. It stays in bounds and answers its probe, and the router hears nothing of it. */
import { ZERO_HASH } from '@necto/core';
import { expect, it } from 'vitest';
import { useAgents } from '../support/agents.ts';
import { attacksOn, isHealthy, memoryOf } from '../support/attack.ts';
import { until } from '../support/network.ts';

const { agent, buyer, publicApi, stateOf } = useAgents();

const CLIENTS = Array.from({ length: 2 }, (_, at) => `198.51.100.${at + 1}`);
/** Beyond what it holds at rest: the market in all its answers, and the answers that slow readers may hold. */
const MOST_MORE_MIB = 600;
/** The router routes one job meanwhile. */
const MOST_MORE_ROUTER_MIB = 200;
/** What may be left of it once everybody is gone; V8 gives little back. */
const MOST_LEFT_MIB = 400;

const request = {
	gpuModel: 'h100',
	minMemoryGiB: 0,
	formFactors: [],
	gpuCount: 1,
	maxParts: 0,
	duration: 3_600,
	maxPricePerGpuHour: '5000000',
	continents: [],
	countries: [],
	excludedPricing: [],
	attestations: [],
	weights: { uptime: 0, latency: 0, rating: 0, risk: 0 },
	routeDeadline: 4_000_000_000,
	startWindow: 3_600,
	specHash: ZERO_HASH,
	policyHash: ZERO_HASH,
	team: 0,
	tracked: true,
};

it('SYS-05 floods, 500 streams, slow readers and clients that leave: bounded, and a job is routed meanwhile', {
	timeout: 240_000,
}, async () => {
	const router = await agent();
	const { url, child } = await publicApi();
	if (url === null || child.pid === undefined || router.child.pid === undefined) throw new Error('It did not start.');
	const routerPid = router.child.pid;
	const { pid } = child;
	await (await fetch(`${url}/offers`, { headers: { connection: 'close' } })).arrayBuffer();
	const before = memoryOf(pid);
	const routerBefore = memoryOf(routerPid);
	let [peak, probes, failedProbes] = [before, 0, 0];
	let isOver = false;
	const watching = (async () => {
		while (!isOver) {
			peak = Math.max(peak, memoryOf(pid));
			if (await isHealthy(url)) probes++;
			else failedProbes++;
			await new Promise((resolve) => setTimeout(resolve, 250));
		}
	})();

	const attacks = attacksOn(url);
	await Promise.all([
		attacks.streams('203.0.113.1', '/activity', 500),
		attacks.streams('203.0.113.2', '/offers/stream', 100),
	]);
	// Sixteen of each of the two clients.
	expect(attacks.tally.get('200')).toBe(32);
	expect([...attacks.tally.keys()].sort()).toEqual(['200', '429 too_many_streams']);

	const body = JSON.stringify({ requests: Array.from({ length: 4 }, () => request) });
	const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
	const floods = Promise.all(
		CLIENTS.flatMap((client, at) => [
			attacks.flood(client, () => '/quotes', 8, post),
			attacks.flood(client, (number) => `/offers?gpus=${number + 1}&hours=${at + 1}`, 16),
			attacks.flood(client, (number) => `/offers.csv?maxUsd=${number + 1}`, 8),
			attacks.flood(client, (number) => `/history?gpu=h100&days=${number + 1}`, 8),
			attacks.flood(client, (number) => `/records/0x${String(number).padStart(64, '0')}`, 4),
			attacks.stalled(client, `/offers?gpus=2&hours=${at + 1}`, 10),
		]),
	);
	const job = await buyer.request();
	await until(async () => (await stateOf(job)) === 'routed', 120_000);
	await floods;
	isOver = true;
	await watching;

	expect(failedProbes).toBe(0);
	expect(probes).toBeGreaterThan(0);
	const outcomes = [...attacks.tally.keys()];
	// Each refusal says when to come back, and nothing broke.
	expect(outcomes.filter((outcome) => outcome.includes('without') || outcome.startsWith('500'))).toEqual([]);
	expect(outcomes).toContain('429 too_many_at_once');
	expect(peak - before).toBeLessThan(MOST_MORE_MIB);
	const routerMore = memoryOf(routerPid) - routerBefore;
	process.stdout.write(
		`MiB: public API ${before}, at most ${peak}; router ${routerBefore}, then ${routerBefore + routerMore}\n`,
	);
	expect(routerMore).toBeLessThan(MOST_MORE_ROUTER_MIB);

	attacks.end();
	await until(async () => {
		const answer = await fetch(`${url}/metrics`, { headers: { connection: 'close' } });
		const text = await answer.text();
		return /^necto_agent_open_streams 0$/m.test(text) && /^necto_agent_unread_bytes 0$/m.test(text);
	});
	expect(memoryOf(pid) - before).toBeLessThan(MOST_LEFT_MIB);
	expect([child.exitCode, child.signalCode]).toEqual([null, null]);
});
