import { type Address, type ContractFunctionArgs, encodeAbiParameters, type Hex, keccak256 } from 'viem';
import { jobRegistryAbi } from '../abi/jobRegistry.ts';

/** A request as the JobRegistry takes it. Units and meanings: `contracts/src/types/Job.sol`. */
export type JobRequest = ContractFunctionArgs<typeof jobRegistryAbi, 'nonpayable', 'request'>[0];

/** The agent's choice as `route` takes it. Units and meanings: `contracts/src/types/Job.sol`. */
export type Routing = ContractFunctionArgs<typeof jobRegistryAbi, 'nonpayable', 'route'>[2];

type RequestFunction = Extract<(typeof jobRegistryAbi)[number], { type: 'function'; name: 'hashRequest' }>;

// `find` forgets which item it looks for; the name is unique in the ABI.
const hashRequestItem = jobRegistryAbi.find(
	(item): item is RequestFunction => item.type === 'function' && item.name === 'hashRequest',
);

/** `keccak256(abi.encode(request))`: what the JobRegistry stores until the job is routed. Equals `JobRegistry.hashRequest`. */
export function hashRequest(request: JobRequest): Hex {
	if (hashRequestItem === undefined) throw new Error('The ABI of JobRegistry has no hashRequest.');
	return keccak256(encodeAbiParameters(hashRequestItem.inputs, [request]));
}

/**
 * What the JobRegistry stores once a job is routed. Equals `JobRegistry.commitmentOf`.
 *
 * @param job the job's id
 * @param requestHash `hashRequest` of the job's request
 * @param provider the address that is paid: the listing's owner when the job was routed
 */
export function commitmentOf(job: bigint, requestHash: Hex, provider: Address, routing: Routing): Hex {
	return keccak256(
		encodeAbiParameters(
			[
				{ type: 'uint64' },
				{ type: 'bytes32' },
				{ type: 'uint32' },
				{ type: 'uint32' },
				{ type: 'address' },
				{ type: 'uint64' },
				{ type: 'bytes32' },
				{ type: 'bytes32' },
				{ type: 'bytes32' },
			],
			[
				job,
				requestHash,
				routing.listing,
				routing.listingVersion,
				provider,
				routing.pricePerGpuHour,
				routing.candidatesRoot,
				routing.recordRoot,
				routing.recordHash,
			],
		),
	);
}
