import { readFile } from 'node:fs/promises';
import { type Hex, keccak256, toRlp } from 'viem';
import { z } from 'zod';
import { writeAtomically } from '../files.ts';

/** The fields of a block's header that its hash is made of, in this order, up to the Cancun fork. Quantities have no leading zeros. */
const HEADER = [
	...['parentHash', 'sha3Uncles', 'miner', 'stateRoot', 'transactionsRoot', 'receiptsRoot', 'logsBloom'],
	...['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp', 'extraData', 'mixHash', 'nonce', 'baseFeePerGas'],
	...['withdrawalsRoot', 'blobGasUsed', 'excessBlobGas', 'parentBeaconBlockRoot'],
] as const;

const QUANTITIES: ReadonlySet<string> = new Set([
	'difficulty',
	'number',
	'gasLimit',
	'gasUsed',
	'timestamp',
	'baseFeePerGas',
	'blobGasUsed',
	'excessBlobGas',
]);

const hexSchema = z.templateLiteral(['0x', z.string()]);
const headerSchema = z.record(z.string(), hexSchema);
/** What anvil writes, as far as it matters here. */
const stateSchema = z.looseObject({ blocks: z.array(z.looseObject({ header: headerSchema })) });

function hashOfHeader(header: z.infer<typeof headerSchema>): Hex {
	return keccak256(
		toRlp(
			HEADER.map((field) => {
				const value = header[field] ?? '0x';
				if (!QUANTITIES.has(field)) return value;
				const digits = value.slice(2).replace(/^0+/, '');
				return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}` as const;
			}),
		),
	);
}

/**
 * Leaves one genesis block in a state that anvil wrote. Each start of anvil makes a genesis block of its own, dated now, and keeps those of the state beside it:
 * from the second start on, any of them may come back as block 0, and whoever compares hashes takes the chain for another one.
 *
 * The one that stays is the parent of block 1. A state without a block 1, or one that this cannot read, is left as it is.
 *
 * @param file written whole or not at all
 */
export async function keepFirstGenesis(file: string): Promise<void> {
	const found = stateSchema.safeParse(parsed(await readFile(file, 'utf8')));
	if (!found.success) return;
	const { blocks } = found.data;
	const first = blocks.find(({ header }) => header.number === '0x1')?.header.parentHash;
	const isGenesis = ({ header }: (typeof blocks)[number]) => header.number === '0x0';
	const kept = blocks.filter((block) => !isGenesis(block) || hashOfHeader(block.header) === first);
	if (kept.length === blocks.length || !kept.some(isGenesis)) return;
	await writeAtomically(file, JSON.stringify({ ...found.data, blocks: kept }));
}

/** Undefined for what is no JSON: anvil says what is wrong with it. */
function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
