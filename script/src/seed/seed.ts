import { join } from 'node:path';
import {
	accessControlAbi,
	accountOfTeam,
	type Deployment,
	encodeBytes16,
	encodeCountry,
	encodeToken,
	escrowAbi,
	local,
	localHttp,
	mockUsdcAbi,
	providerRegistryAbi,
	teamRole,
	waitForReceipt,
} from '@necto/contracts';
import { ATTESTATION_KINDS, CONTINENTS, FORM_FACTORS, LISTING_KINDS, PRICING_MODELS } from '@necto/core';
import {
	type Abi,
	type ContractFunctionArgs,
	type ContractFunctionName,
	createWalletClient,
	keccak256,
	parseUnits,
	stringToHex,
	type WriteContractParameters,
} from 'viem';
import { type AccountName, accounts } from '../chain/accounts.ts';
import type { LocalChain } from '../chain/anvil.ts';
import { readIfThere, writeAtomically } from '../files.ts';
import { type DemoListing, type DemoOrganisation, type DemoPricing, organisations } from './organisations.ts';

/** Micro-USD, and millionths of a token. */
const SIX_DECIMALS = 6;
const usd = (amount: string) => parseUnits(amount, SIX_DECIMALS);

const TEAM_NAME = 'Lab North (demo)';
const DEPOSIT = usd('10000');
const TEAM_DEPOSIT = usd('5000');
const WALLET = usd('5000');
/** Ten times what a router needs. */
const BOND = usd('1000');

/** What the demo organisations' attestations were given for: nothing, as their text says. */
const EVIDENCE = 'Demo data of 2026-11-21: nobody was checked.';
const ATTESTED_SECONDS = 365n * 86_400n;

type AddListing = ContractFunctionArgs<typeof providerRegistryAbi, 'nonpayable', 'addListing'>;

/** Puts the demo organisations, a buyer with money, a team and the router's bond on a new chain. An interrupted start is continued; it can only
 * leave the buyer richer. */
export async function seed(chain: LocalChain, deployment: Deployment, data: string): Promise<void> {
	const marker = join(data, 'deployments', 'seeded');
	const { hash } = await chain.client.getBlock({ blockNumber: 0n });
	const mark = `${hash} ${deployment.providerRegistry}\n`;
	if ((await readIfThere(marker)) === mark) return;
	const seeder = new Seeder(chain, deployment);
	await Promise.all([seeder.buyer(), seeder.organisations(), seeder.bond()]);
	// After the buyer's part: both are sent by the deployer.
	await seeder.attestations();
	await writeAtomically(marker, mark, 0o644);
}

class Seeder {
	readonly #chain: LocalChain;
	readonly #deployment: Deployment;

	constructor(chain: LocalChain, deployment: Deployment) {
		this.#chain = chain;
		this.#deployment = deployment;
	}

	/** One organisation after the other, so that providers and listings have the same numbers on every new chain. */
	async organisations(): Promise<void> {
		for (const each of organisations) await this.#organisation(each);
	}

	/** Registers an organisation and lists what it has not listed yet. */
	async #organisation(organisation: DemoOrganisation): Promise<void> {
		const registry = { address: this.#deployment.providerRegistry, abi: providerRegistryAbi } as const;
		const { owner, name, uri, listings } = organisation;
		let provider = await this.#providerOf(owner);
		if (provider === undefined) {
			await this.#send(owner, { ...registry, functionName: 'registerProvider', args: [name, uri] });
			provider = await this.#providerOf(owner);
		}
		if (provider === undefined) throw new Error(`${name} was registered and is not there.`);
		for (const listing of listings.slice((await this.#listingsOf(provider)).length)) {
			await this.#send(owner, { ...registry, functionName: 'addListing', args: listingOf(provider, listing) });
		}
		const listed = await this.#listingsOf(provider);
		for (const [place, { tiers }] of listings.entries()) {
			const id = listed[place];
			if (id === undefined || tiers === undefined) continue;
			await this.#send(owner, { ...registry, functionName: 'setTiers', args: [id, tiers] });
		}
		if (organisation.delegate === undefined) return;
		const delegate = accounts[organisation.delegate].address;
		await this.#send(owner, { ...registry, functionName: 'setDelegate', args: [provider, delegate, true] });
	}

	/** The router answers for its decisions with money of its own. */
	async bond(): Promise<void> {
		const { usdc, escrow } = this.#deployment;
		const { address } = accounts.router;
		const bank = { address: escrow, abi: escrowAbi } as const;
		const { amount } = await this.#chain.client.readContract({ ...bank, functionName: 'bondOf', args: [address] });
		if (amount >= BOND) return;
		const token = { address: usdc, abi: mockUsdcAbi } as const;
		await this.#send('router', { ...token, functionName: 'mint', args: [address, BOND] });
		await this.#send('router', { ...token, functionName: 'approve', args: [escrow, BOND] });
		await this.#send('router', { ...bank, functionName: 'deposit', args: [BOND] });
		await this.#send('router', { ...bank, functionName: 'postBond', args: [BOND] });
	}

	/** The demo verifier, which is the deployer, says of each organisation that it is known: as data to look at. */
	async attestations(): Promise<void> {
		const { client } = this.#chain;
		const registry = { address: this.#deployment.providerRegistry, abi: providerRegistryAbi } as const;
		const kind = ATTESTATION_KINDS.indexOf('kyc');
		const { timestamp } = await client.getBlock();
		for (const { owner } of organisations) {
			await this.#send('deployer', {
				...registry,
				functionName: 'attest',
				args: [accounts[owner].address, kind, keccak256(stringToHex(EVIDENCE)), Number(timestamp + ATTESTED_SECONDS)],
			});
		}
	}

	/** Gives the buyer money in the Escrow and a team with money of its own, and everybody some in their wallet. */
	async buyer(): Promise<void> {
		const { usdc, escrow, accessControl } = this.#deployment;
		const token = { address: usdc, abi: mockUsdcAbi } as const;
		const bank = { address: escrow, abi: escrowAbi } as const;
		const teams = { address: accessControl, abi: accessControlAbi } as const;
		const people: readonly AccountName[] = ['teammate', 'newcomer'];
		for (const name of people) {
			await this.#send('deployer', { ...token, functionName: 'mint', args: [accounts[name].address, WALLET] });
		}
		const total = DEPOSIT + TEAM_DEPOSIT;
		await this.#send('buyer', { ...token, functionName: 'mint', args: [accounts.buyer.address, total + WALLET] });
		await this.#send('buyer', { ...token, functionName: 'approve', args: [escrow, total] });
		await this.#send('buyer', { ...bank, functionName: 'deposit', args: [DEPOSIT] });
		let team = await this.#chain.client.readContract({ ...teams, functionName: 'teamCount' });
		if (team === 0) {
			await this.#send('buyer', { ...teams, functionName: 'createTeam', args: [TEAM_NAME] });
			team = await this.#chain.client.readContract({ ...teams, functionName: 'teamCount' });
		}
		await this.#send('buyer', {
			...teams,
			functionName: 'setMember',
			args: [team, accounts.teammate.address, teamRole.user],
		});
		await this.#send('buyer', { ...bank, functionName: 'depositTo', args: [accountOfTeam(team), TEAM_DEPOSIT] });
	}

	async #providerOf(owner: AccountName): Promise<number | undefined> {
		const { client } = this.#chain;
		const registry = { address: this.#deployment.providerRegistry, abi: providerRegistryAbi } as const;
		const count = await client.readContract({ ...registry, functionName: 'providerCount' });
		for (let id = 1; id <= count; id++) {
			const found = await client.readContract({ ...registry, functionName: 'getProvider', args: [id] });
			if (found.owner === accounts[owner].address) return id;
		}
		return undefined;
	}

	/** The ids of its listings, in the order in which they were listed. */
	async #listingsOf(provider: number): Promise<number[]> {
		const { client } = this.#chain;
		const registry = { address: this.#deployment.providerRegistry, abi: providerRegistryAbi } as const;
		const count = await client.readContract({ ...registry, functionName: 'listingCount' });
		const own: number[] = [];
		for (let id = 1; id <= count; id++) {
			const listing = await client.readContract({ ...registry, functionName: 'getListing', args: [id] });
			if (listing.provider === provider) own.push(id);
		}
		return own;
	}

	/** Sends a transaction and waits until it is done. */
	async #send<
		const ABI extends Abi,
		Name extends ContractFunctionName<ABI, 'nonpayable'>,
		Args extends ContractFunctionArgs<ABI, 'nonpayable', Name>,
	>(
		from: AccountName,
		call: Pick<WriteContractParameters<ABI, Name, Args>, 'address' | 'abi' | 'functionName' | 'args'>,
	): Promise<void> {
		const account = accounts[from];
		const wallet = createWalletClient({ account, chain: local, transport: localHttp(this.#chain.rpc) });
		// The parameters that are left out are the account and the chain, which the client has; viem's type cannot say so for any ABI.
		const hash = await wallet.writeContract(call as unknown as WriteContractParameters);
		const { status } = await waitForReceipt(this.#chain.client, hash);
		if (status !== 'success') throw new Error(`Seeding failed: ${String(call.functionName)} was reverted.`);
	}
}

function pricingOf(pricing: DemoPricing): AddListing[3] {
	const model = PRICING_MODELS.indexOf(pricing.model);
	const empty = { model, rate: 0n, floor: 0n, ceiling: 0n, tokenAmount: 0n, token: encodeToken('') };
	switch (pricing.model) {
		case 'fixed':
			return { ...empty, rate: usd(pricing.rate) };
		case 'dynamic':
			return { ...empty, floor: usd(pricing.floor), ceiling: usd(pricing.ceiling) };
		case 'token':
			return {
				...empty,
				floor: usd(pricing.floor),
				ceiling: usd(pricing.ceiling),
				tokenAmount: parseUnits(pricing.tokenAmount, SIX_DECIMALS),
				token: encodeToken(pricing.token),
			};
	}
}

function listingOf(provider: number, listing: DemoListing): AddListing {
	const { name, region, network, vcpus, ramGiB, diskGiB, memoryGiB, total, widest } = listing;
	return [
		provider,
		LISTING_KINDS.indexOf(listing.kind),
		{
			gpuModel: encodeBytes16(listing.gpuModel),
			memoryGiB,
			formFactor: FORM_FACTORS.indexOf(listing.formFactor),
			total,
			widest,
			continent: CONTINENTS.indexOf(listing.continent),
			country: encodeCountry(listing.country),
			availableFrom: 0,
			availableUntil: 0,
		},
		pricingOf(listing.pricing),
		{ name, region, network, vcpus, ramGiB, diskGiB },
	];
}
