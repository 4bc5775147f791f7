import {
	type accountOf,
	accountOfTeam,
	encodeBytes16,
	encodeCountry,
	encodeToken,
	jobStatus,
	mockUsdcAbi,
} from '@necto/contracts';
import type { ChainRequest } from '@necto/core';
import {
	BaseError,
	ContractFunctionRevertedError,
	ExecutionRevertedError,
	type Hex,
	keccak256,
	parseEventLogs,
	toHex,
} from 'viem';
import type { Marketplace } from './marketplace.ts';

const USD = 1_000_000n;
const HOUR = 3_600;
const DAY = 86_400;
const evidence = keccak256(toHex('evidence'));
const fixed = (rate: bigint) =>
	({ model: 0, rate, floor: 0n, ceiling: 0n, tokenAmount: 0n, token: encodeToken('') }) as const;
const nothing: Hex = `0x${'0'.repeat(64)}`;

/** The same numbers for the same seed: mulberry32. */
function randomOf(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/**
 * People who do whatever comes to their minds, on a real chain. What the contracts refuse is no step. `done` counts each kind of step that was taken.
 */
export class Walk {
	readonly done = new Map<string, number>();
	readonly #market: Marketplace;
	readonly #random: () => number;
	/** Where a job that fits a listing would go. */
	readonly #places = new Map<bigint, number>();
	/** Whether each step begins with a job of its own, so that it can be taken. */
	#isFresh = true;
	/** A listing that nobody changes. */
	#home = 0;

	constructor(market: Marketplace, seed: number) {
		this.#market = market;
		this.#random = randomOf(seed);
	}

	/** The kinds of steps. */
	get names(): string[] {
		return Object.keys(this.#steps);
	}

	/** Gives everybody money in the Escrow. */
	async prepare(): Promise<void> {
		for (const name of ['buyer', 'teammate', 'stranger', 'newcomer', 'router', 'deployer']) {
			await this.#market.fund(name, 50_000n * USD);
		}
		this.#home = await this.#addListing(3n * USD, 4_000);
		// Two of every kind, in order: chance alone would forget some, and some need others first.
		for (let round = 0; round < 2; round++) for (const name of this.names) await this.take(name);
		this.#isFresh = false;
	}

	/** Takes a number of steps by chance. */
	async go(steps: number): Promise<void> {
		for (let step = 0; step < steps; step++) await this.take(this.#one(this.names));
	}

	/** Tries one step. */
	async take(name: string): Promise<void> {
		try {
			await this.#steps[name]?.();
			this.done.set(name, (this.done.get(name) ?? 0) + 1);
		} catch (error) {
			// Only a revert, or nothing to act on, means that the step was not taken. After any other error, a timeout for example, the transaction
			// may have been mined.
			if (!(isRevert(error) || error instanceof NothingToDo)) throw error;
		}
	}

	readonly #steps: Record<string, () => Promise<unknown>> = {
		request: async () => {
			const from = this.#one(['buyer', 'teammate', 'stranger']);
			await this.#ask(from, { tracked: this.#chance(0.6) });
		},
		'request for a team': () => this.#ask('buyer', { team: 1 }),
		'request by key': () => this.#askByKey(true),
		'request untracked by key': () => this.#askByKey(false),
		'deposit and request': async () => {
			const { listing, request } = await this.#wish({ tracked: false });
			const { usdc, escrow } = this.#market.chain.deployment;
			const amount = 1_000n * USD;
			const to = this.#address('stranger');
			await this.#market.send('deployer', {
				address: usdc,
				abi: mockUsdcAbi,
				functionName: 'mint',
				args: [to, amount],
			});
			await this.#market.send('stranger', {
				address: usdc,
				abi: mockUsdcAbi,
				functionName: 'approve',
				args: [escrow, amount],
			});
			const funding = {
				...{ method: 0, amount, validAfter: 0n, validBefore: 0n },
				...{ salt: nothing, v: 0, r: nothing, s: nothing },
			};
			const { jobs } = this.#market;
			await this.#placed(listing, () =>
				this.#market.send('stranger', { ...jobs, functionName: 'depositAndRequest', args: [funding, request] }),
			);
		},
		route: () => this.#route(),
		'route more': () => this.#route(),
		split: async () => {
			const job = await this.#jobIn(['requested'], ({ maxParts, gpuCount }) => maxParts > 1 && gpuCount > 1);
			const { terms, request } = this.#market.agreements.of(job);
			const counts = [1, terms.gpuCount - 1];
			const place = this.#places.get(job);
			await this.#placed(place ?? 1, () =>
				this.#market.send('router', {
					...this.#market.jobs,
					functionName: 'split',
					args: [job, terms, request, counts],
				}),
			);
		},
		decline: async () => this.#byProvider('decline', await this.#jobIn(['routed'])),
		'route again': () => this.#route(),
		'miss the start': async () => {
			const job = await this.#jobIn(['routed']);
			const { time } = await this.#held(job);
			const { timestamp } = await this.#market.client.getBlock();
			await this.#market.test.increaseTime({ seconds: Math.max(Number(time) - Number(timestamp), 0) + 1 });
			await this.#market.route(job, this.#places.get(job) ?? 1);
		},
		start: async () => this.#byProvider('start', await this.#jobIn(['routed'])),
		'start more': async () => this.#byProvider('start', await this.#jobIn(['routed'])),
		extend: async () => {
			const job = await this.#jobIn(['running']);
			const { jobs } = this.#market;
			const args = [job, this.#terms(job), this.#one([60, HOUR, DAY])] as const;
			await this.#market.send(this.#requester(job), { ...jobs, functionName: 'extend', args });
		},
		dispute: async () => {
			const job = await this.#jobIn(['running']);
			const args = [job, this.#terms(job), evidence] as const;
			await this.#market.send(this.#requester(job), { ...this.#market.jobs, functionName: 'dispute', args });
		},
		evidence: async () => {
			const job = await this.#jobIn(['disputed']);
			const by = this.#chance(0.5) ? this.#requester(job) : this.#provider(job);
			const args = [job, this.#terms(job), evidence] as const;
			await this.#market.send(by, { ...this.#market.jobs, functionName: 'submitEvidence', args });
		},
		rule: async () => {
			const job = await this.#jobIn(['disputed']);
			const { due } = await this.#market.client.readContract({
				...this.#market.jobs,
				functionName: 'meterOf',
				args: [job],
			});
			const paid = this.#one([0n, due / 3n, due]);
			const args = [job, this.#terms(job), paid, evidence] as const;
			await this.#market.send('deployer', { ...this.#market.jobs, functionName: 'rule', args });
		},
		complete: async () => {
			const job = await this.#jobIn(['running', 'disputed']);
			const by = this.#chance(0.5) ? this.#requester(job) : this.#provider(job);
			await this.#market.step(by, 'complete', job);
		},
		fail: async () => this.#byProvider('fail', await this.#jobIn(['running', 'disputed'])),
		cancel: async () => {
			const job = await this.#jobIn(['requested', 'routed']);
			await this.#market.step(this.#requester(job), 'cancel', job);
		},
		'silence of the arbiter': async () => {
			const job = await this.#jobIn(['disputed']);
			await this.#market.test.increaseTime({ seconds: 7 * DAY + 1 });
			await this.#market.step('newcomer', 'resolve', job);
		},
		expire: async () => {
			const job = await this.#jobIn(['requested', 'routed']);
			await this.#market.test.increaseTime({ seconds: 2 * DAY });
			await this.#market.step('newcomer', 'expire', job);
		},
		'challenge without cause': () => this.#challenge(false),
		'challenge with cause': () => this.#challenge(true),
		'hand a provider over': async () => {
			const { providers } = this.#market;
			const owner = await this.#ownerOf(3);
			const to = this.#one(['storage', 'providerC'].filter((name) => name !== owner));
			const args = [3, this.#address(to)] as const;
			await this.#market.send(owner, { ...providers, functionName: 'offerProvider', args });
			if (this.#isFresh || this.#chance(0.5)) {
				await this.#market.send(to, { ...providers, functionName: 'acceptProvider', args: [3] });
			}
		},
		pricing: async () => {
			const listing = await this.#listing();
			const dynamic = { model: 1, rate: 0n, floor: USD, ceiling: 3n * USD, tokenAmount: 0n, token: encodeToken('') };
			const token = { ...dynamic, model: 2, tokenAmount: 2n * USD, token: encodeToken('AKT') };
			await this.#changeListing(listing, 'setPricing', this.#one([fixed(2n * USD), fixed(USD), dynamic, token]));
		},
		tiers: async () => {
			const tiers = [
				{ hour: 8, multiplier: 12_000 },
				{ hour: 100, multiplier: 7_000 },
			];
			const listing = await this.#listing();
			await this.#changeListing(listing, 'setTiers', this.#chance(0.7) ? tiers : []);
		},
		availability: async () => {
			const { timestamp } = await this.#market.client.getBlock();
			const until = this.#one([0, Number(timestamp) + 60 * DAY]);
			await this.#changeListing(await this.#listing(), 'setAvailability', this.#one([0, 5]), until);
		},
		capacity: async () => {
			const listing = await this.#listing();
			const held = await this.#listed(listing);
			await this.#changeListing(listing, 'setCapacity', held.total + this.#one([0, 1]), this.#chance(0.1));
		},
		'access rules': async () => {
			const rules = this.#one([
				{ attestations: 0, allowListOnly: true },
				{ attestations: 1, allowListOnly: false },
				{ attestations: 0, allowListOnly: false },
				{ attestations: 0, allowListOnly: false },
			]);
			await this.#changeListing(await this.#listing(), 'setAccessRules', rules);
		},
		'allow a buyer': () => this.#forProvider('setBuyerAllowed'),
		delegate: () => this.#forProvider('setDelegate'),
		attest: async () => {
			const { timestamp } = await this.#market.client.getBlock();
			const expiresAt = Number(timestamp) + this.#one([DAY, 400 * DAY]);
			const args = [this.#someone(), this.#one([0, 1, 2, 5]), evidence, expiresAt] as const;
			await this.#market.send('deployer', { ...this.#market.providers, functionName: 'attest', args });
		},
		'revoke an attestation': async () => {
			const args = [this.#someone(), this.#one([0, 1, 2])] as const;
			await this.#market.send('deployer', { ...this.#market.providers, functionName: 'revokeAttestation', args });
		},
		'create a team': () =>
			this.#market.send('stranger', { ...this.#market.access, functionName: 'createTeam', args: ['Walkers'] }),
		'set a member': () => {
			const args = [1, this.#address(this.#one(['teammate', 'newcomer'])), this.#one([0, 1, 2, 2])] as const;
			return this.#market.send('buyer', { ...this.#market.access, functionName: 'setMember', args });
		},
		'set a member with a budget': () => {
			const args = [1, this.#address('teammate'), 2, this.#one([5n, 500n]) * USD] as const;
			return this.#market.send('buyer', { ...this.#market.access, functionName: 'setMemberWithBudget', args });
		},
		'request as a member': async () => {
			const args = [1, this.#address('teammate'), 2] as const;
			await this.#market.send('buyer', { ...this.#market.access, functionName: 'setMember', args });
			await this.#ask('teammate', { team: 1, gpuCount: 1, duration: 60 });
		},
		'set a team budget': () => {
			const args = [1, this.#one([1_000n, 100_000n]) * USD, this.#one([DAY, DAY, 30 * DAY])] as const;
			return this.#market.send('buyer', { ...this.#market.access, functionName: 'setTeamBudget', args });
		},
		'fund the team': () => this.#deposit(accountOfTeam(1), 200n * USD),
		withdraw: () => {
			const args = [USD, this.#address('newcomer')] as const;
			return this.#market.send('teammate', { ...this.#market.escrow, functionName: 'withdraw', args });
		},
		'grant a key': async () => {
			const { timestamp } = await this.#market.client.getBlock();
			const limits = {
				...{ total: 10_000n * USD, perPeriod: this.#one([300n, 5_000n]) * USD },
				...{ period: this.#one([0, DAY]), expiresAt: Number(timestamp) + 30 * DAY, team: 0 },
			};
			const key = this.#address('newcomer');
			this.#market.agreements.hidden.delete(this.#session());
			const args = [key, limits] as const;
			return this.#market.send('buyer', { ...this.#market.access, functionName: 'grantSession', args });
		},
		'revoke a key': () => {
			const args = [this.#address('buyer'), this.#address('newcomer')] as const;
			return this.#market.send('newcomer', { ...this.#market.access, functionName: 'revokeSession', args });
		},
		'revoke all keys': () =>
			this.#market.send('buyer', { ...this.#market.access, functionName: 'revokeAllSessions', args: [] }),
		'post a bond': () =>
			this.#market.send('router', { ...this.#market.escrow, functionName: 'postBond', args: [150n * USD] }),
		'announce a bond’s exit': () =>
			this.#market.send('router', { ...this.#market.escrow, functionName: 'announceBondExit', args: [20n * USD] }),
		'withdraw a bond': async () => {
			await this.#market.test.increaseTime({ seconds: this.#one([60, 3 * DAY]) });
			await this.#market.send('router', { ...this.#market.escrow, functionName: 'withdrawBond', args: [] });
		},
		fee: () => {
			const args = [this.#one([0, 50, 250]), this.#address('storage')] as const;
			return this.#market.send('deployer', { ...this.#market.jobs, functionName: 'setFee', args });
		},
		pause: async () => {
			await this.#market.send('deployer', { ...this.#market.jobs, functionName: 'pause', args: [] });
			await this.#market.send('deployer', { ...this.#market.jobs, functionName: 'unpause', args: [] });
		},
		'time passes': async () => {
			await this.#market.test.increaseTime({ seconds: this.#one([30, 600, HOUR, 5 * HOUR]) });
			await this.#market.test.mine({ blocks: 1 });
		},
	};

	/* Choices */

	#one<Item>(items: readonly Item[]): Item {
		const item = items[Math.floor(this.#random() * items.length)];
		if (item === undefined) throw new NothingToDo();
		return item;
	}

	#chance(share: number): boolean {
		return this.#random() < share;
	}

	#address(name: string) {
		return this.#market.account(name).address;
	}

	#someone() {
		return this.#address(this.#one(['buyer', 'stranger', 'providerA', 'providerB', 'providerC']));
	}

	#session(): string {
		return `${this.#address('buyer')} ${this.#address('newcomer')}`.toLowerCase();
	}

	/* Jobs */

	#terms(job: bigint) {
		return this.#market.agreements.of(job).terms;
	}

	#requester(job: bigint): string {
		return this.#market.ownerOf(this.#terms(job).requester);
	}

	#provider(job: bigint): string {
		return this.#market.ownerOf(this.#terms(job).provider);
	}

	#held(job: bigint) {
		return this.#market.client.readContract({ ...this.#market.jobs, functionName: 'getJob', args: [job] });
	}

	/** One of the jobs in these states, or a new one. */
	async #jobIn(states: State[], fits: (request: ChainRequest) => boolean = () => true): Promise<bigint> {
		if (this.#isFresh) return this.#jobAt(this.#one(states));
		const fitting: bigint[] = [];
		for (const job of this.#market.agreements.jobs) {
			const { status } = await this.#held(job);
			if (states.some((state) => jobStatus[state] === status) && fits(this.#market.agreements.of(job).request))
				fitting.push(job);
		}
		return fitting.length > 0 ? this.#one(fitting) : this.#jobAt(this.#one(states));
	}

	/** A new job at the listing that stays as it is, brought as far as wished. */
	async #jobAt(state: State): Promise<bigint> {
		const wish = { gpuModel: encodeBytes16('walk'), gpuCount: 2, maxParts: 2, tracked: this.#chance(0.5) };
		const request = await this.#market.requestOf(wish);
		const job = await this.#placed(this.#home, () =>
			this.#market.send('stranger', { ...this.#market.jobs, functionName: 'request', args: [request] }),
		);
		if (state === 'requested') return job;
		await this.#market.route(job, this.#home);
		if (state === 'routed') return job;
		await this.#byProvider('start', job);
		await this.#market.test.increaseTime({ seconds: 600 });
		if (state === 'running') return job;
		const args = [job, this.#terms(job), evidence] as const;
		await this.#market.send('stranger', { ...this.#market.jobs, functionName: 'dispute', args });
		return job;
	}

	/** A request that fits a listing of now. */
	async #wish(change: Partial<ChainRequest>) {
		const listing = await this.#listing();
		const { gpuModel, widest } = await this.#listed(listing);
		const request = await this.#market.requestOf({
			gpuModel,
			gpuCount: this.#one([1, 2, Math.max(widest, 1)]),
			maxParts: this.#one([0, 3, 3]),
			duration: this.#one([600, HOUR, 5 * HOUR]),
			startWindow: this.#one([120, HOUR]),
			...change,
		});
		return { listing, request };
	}

	/** Does what makes jobs, and keeps where they would go. @returns the last of them */
	async #placed(listing: number, make: () => ReturnType<Marketplace['send']>): Promise<bigint> {
		const { logs } = await make();
		const asked = parseEventLogs({ abi: this.#market.jobs.abi, logs, eventName: 'JobRequested' });
		for (const { args } of asked) this.#places.set(args.job, listing);
		const last = asked.at(-1);
		if (last === undefined) throw new Error('Nothing was requested.');
		return last.args.job;
	}

	async #ask(from: string, change: Partial<ChainRequest>): Promise<void> {
		const { listing, request } = await this.#wish(change);
		const { jobs } = this.#market;
		await this.#placed(listing, () => this.#market.send(from, { ...jobs, functionName: 'request', args: [request] }));
	}

	async #askByKey(tracked: boolean): Promise<void> {
		if (this.#isFresh) await this.#steps['grant a key']?.();
		const { listing, request } = await this.#wish({ tracked });
		const args = [this.#address('buyer'), request] as const;
		const { jobs, agreements } = this.#market;
		const job = await this.#placed(listing, () =>
			this.#market.send('newcomer', { ...jobs, functionName: 'requestFor', args }),
		);
		if (tracked) return;
		const before = agreements.hidden.get(this.#session()) ?? 0n;
		agreements.hidden.set(this.#session(), before + this.#terms(job).locked);
	}

	/** Says of a decision between two new listings that the other one was better. */
	async #challenge(isRight: boolean): Promise<void> {
		const [cheap, dear] = [await this.#addListing(USD), await this.#addListing(2n * USD)];
		await this.#market.test.increaseTime({ seconds: 60 });
		const [chosen, other] = isRight ? [dear, cheap] : [cheap, dear];
		const request = await this.#market.requestOf({ gpuModel: encodeBytes16('walk'), tracked: this.#chance(0.5) });
		const job = await this.#placed(chosen, () =>
			this.#market.send('buyer', { ...this.#market.jobs, functionName: 'request', args: [request] }),
		);
		await this.#market.route(job, chosen);
		await this.#market.challenge(this.#one(['buyer', 'stranger']), job, other);
	}

	async #route(): Promise<void> {
		const job = await this.#jobIn(['requested']);
		await this.#market.route(job, this.#places.get(job) ?? 1);
	}

	async #byProvider(step: 'start' | 'decline' | 'fail', job: bigint): Promise<void> {
		await this.#market.step(this.#provider(job), step, job);
	}

	/* Listings */

	async #listing(): Promise<number> {
		const count = await this.#market.client.readContract({ ...this.#market.providers, functionName: 'listingCount' });
		const listings = Array.from({ length: count }, (_, index) => index + 1);
		return this.#one(listings.filter((listing) => listing !== this.#home));
	}

	#listed(listing: number) {
		const args = [listing] as const;
		return this.#market.client.readContract({ ...this.#market.providers, functionName: 'getListing', args });
	}

	async #ownerOf(provider: number): Promise<string> {
		const { owner } = await this.#market.client.readContract({
			...this.#market.providers,
			functionName: 'getProvider',
			args: [provider],
		});
		return this.#market.ownerOf(owner);
	}

	async #changeListing(
		listing: number,
		functionName: 'setPricing' | 'setTiers' | 'setAvailability' | 'setCapacity' | 'setAccessRules',
		...values: unknown[]
	): Promise<void> {
		const owner = await this.#ownerOf((await this.#listed(listing)).provider);
		// Each function takes the listing and then its own values, which the callers above know.
		const call = { ...this.#market.providers, functionName, args: [listing, ...values] } as never;
		await this.#market.send(owner, call);
	}

	async #forProvider(functionName: 'setBuyerAllowed' | 'setDelegate'): Promise<void> {
		const provider = this.#one([1, 2, 3]);
		const args = [provider, this.#someone(), this.#chance(0.7)] as const;
		await this.#market.send(await this.#ownerOf(provider), { ...this.#market.providers, functionName, args });
	}

	/** A listing of a model that nobody else has. @returns its number */
	async #addListing(rate: bigint, total = 8): Promise<number> {
		const hardware = {
			...{ gpuModel: encodeBytes16('walk'), memoryGiB: 80, formFactor: 2, total, widest: 8 },
			...{ continent: 4, country: encodeCountry('DE'), availableFrom: 0, availableUntil: 0 },
		} as const;
		const description = { name: 'Walk', region: '', network: '', vcpus: 1, ramGiB: 1, diskGiB: 1 };
		const { providers } = this.#market;
		const args = [1, 0, hardware, fixed(rate), description] as const;
		await this.#market.send(await this.#ownerOf(1), { ...providers, functionName: 'addListing', args });
		return this.#market.client.readContract({ ...providers, functionName: 'listingCount' });
	}

	/* Money */

	async #deposit(account: ReturnType<typeof accountOf>, amount: bigint): Promise<void> {
		const { usdc, escrow } = this.#market.chain.deployment;
		const token = { address: usdc, abi: mockUsdcAbi } as const;
		await this.#market.send('deployer', { ...token, functionName: 'mint', args: [this.#address('deployer'), amount] });
		await this.#market.send('deployer', { ...token, functionName: 'approve', args: [escrow, amount] });
		await this.#market.send('deployer', { ...this.#market.escrow, functionName: 'depositTo', args: [account, amount] });
	}
}

type State = 'requested' | 'routed' | 'running' | 'disputed';

function isRevert(error: unknown): boolean {
	if (!(error instanceof BaseError)) return false;
	const reverted = error.walk(
		(cause) => cause instanceof ExecutionRevertedError || cause instanceof ContractFunctionRevertedError,
	);
	return reverted !== null;
}

/** There is no job, listing or person that a step could be taken with. */
class NothingToDo extends Error {}
