import { type Address, isAddressEqual, type PublicClient } from 'viem';
import { escrowAbi } from '../abi/escrow.ts';
import { holderOf } from './account.ts';
import type { Deployment } from './deployment.ts';

/** What is used of a client: any viem client that reads logs. */
type Reader = Pick<PublicClient, 'getContractEvents'>;

/**
 * Who asked for an untracked job. Its own events name nobody, but the Escrow's `Locked` names who paid, and an untracked job is always paid by its
 * requester. Whoever acts on such a job reads it from the chain at that moment; it is to be kept nowhere.
 *
 * @param jobId of a part of a split job: the job that was split, whose lock it was
 * @param block the request's, if it is known: then the chain need not be searched
 * @throws Error when the chain has no such lock
 */
export async function readRequester(
	client: Reader,
	{ escrow, startBlock }: Pick<Deployment, 'escrow' | 'startBlock'>,
	jobId: bigint,
	block?: bigint,
): Promise<Address> {
	const [locked] = await client.getContractEvents({
		address: escrow,
		abi: escrowAbi,
		eventName: 'Locked',
		args: { job: jobId },
		fromBlock: block ?? BigInt(startBlock),
		toBlock: block ?? 'latest',
		strict: true,
	});
	if (locked === undefined || !isAddressEqual(locked.address, escrow)) {
		throw new Error(`The chain has no lock of job ${jobId}.`);
	}
	const holder = holderOf(locked.args.payer);
	if ('team' in holder) throw new Error(`Job ${jobId} is paid by a team, so it names its requester itself.`);
	return holder.person;
}
