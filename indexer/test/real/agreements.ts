import { escrowAbi, holderOf, jobRegistryAbi } from '@necto/contracts';
import { type ChainRequest, hashChainRequest, NOT_ROUTED, type Routing, type Terms } from '@necto/core';
import { type Log, parseEventLogs } from 'viem';

interface Agreement {
	readonly terms: Terms;
	readonly request: ChainRequest;
	readonly routing: Routing | null;
}

/** What is agreed for each job, rebuilt from the events as whoever acts on a job has to. Knows who asked for untracked ones, from their locks. */
export class Agreements {
	readonly #held = new Map<bigint, Agreement>();
	/** What session keys locked for untracked jobs: the tables must not tell. */
	readonly hidden = new Map<string, bigint>();

	of(job: bigint): Agreement {
		const held = this.#held.get(job);
		if (held === undefined) throw new Error(`Nobody here asked for job ${job}.`);
		return held;
	}

	get jobs(): bigint[] {
		return [...this.#held.keys()];
	}

	/** Takes in what a transaction did. */
	follow(logs: Log[], at: number): void {
		for (const event of parseEventLogs({ abi: [...jobRegistryAbi, ...escrowAbi], logs })) {
			if (event.eventName === 'JobRequested') {
				const { job, request, locked, requester, team } = event.args;
				const { routeDeadline, gpuCount, duration } = request;
				const asked = { requester, team, requestedAt: at, routeDeadline, gpuCount, duration, locked };
				const terms = { ...asked, requestHash: hashChainRequest(request), ...NOT_ROUTED };
				this.#held.set(job, { terms, request, routing: null });
			} else if (event.eventName === 'Locked') {
				const holder = holderOf(event.args.payer);
				if ('person' in holder) this.#change(event.args.job, { requester: holder.person });
			} else if (event.eventName === 'JobSplit') {
				const { requester, requestedAt } = this.of(event.args.job).terms;
				for (let part = 0n; part < BigInt(event.args.parts); part++) {
					this.#change(event.args.firstPart + part, { requester, requestedAt });
				}
			} else if (event.eventName === 'JobRouted') {
				const { job, provider, listing, pricePerGpuHour, fee, router, commitment } = event.args;
				const { listingVersion, candidatesRoot, recordRoot, recordHash } = event.args;
				const place = { provider, listing, pricePerGpuHour, fee, router, routedAt: at, commitment };
				const routing = { listing, listingVersion, pricePerGpuHour, candidatesRoot, recordRoot, recordHash };
				this.#change(job, place, routing);
			} else if (event.eventName === 'JobReopened') {
				this.#change(event.args.job, NOT_ROUTED, null);
			} else if (event.eventName === 'JobExtended') {
				this.#change(event.args.job, { duration: event.args.duration, locked: event.args.locked });
			}
		}
	}

	#change(job: bigint, change: Partial<Terms>, routing?: Routing | null): void {
		const held = this.of(job);
		const terms = { ...held.terms, ...change };
		this.#held.set(job, { ...held, terms, routing: routing === undefined ? held.routing : routing });
	}
}
