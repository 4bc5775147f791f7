import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeErrorResult, encodeErrorResult, getAddress } from 'viem';
import { describe, expect, test } from 'vitest';
import {
	accountOf,
	accountOfTeam,
	allAbis,
	decodeBytes16,
	decodeCountries,
	decodeCountry,
	decodeToken,
	deploymentSchema,
	type EnumTable,
	encodeBytes16,
	encodeCountries,
	encodeCountry,
	encodeToken,
	escrowAbi,
	holderOf,
	jobStatus,
	nameOf,
	namesOf,
	settlementChain,
	teamRole,
} from '../../index.ts';

const root = join(import.meta.dirname, '..', '..');

/** The members of a Solidity enum, comments left out. */
function membersOf(file: string, name: string): string[] {
	const source = readFileSync(join(root, 'src', file), 'utf8').replaceAll(/\/\/.*$/gm, '');
	const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? '';
	return body
		.split(',')
		.map((member) => member.trim())
		.filter((member) => member !== '');
}

describe('SET-01 enums', () => {
	const tables: [string, string, EnumTable][] = [
		['JobStatus', 'types/Job.sol', jobStatus],
		['TeamRole', 'interfaces/IAccessControl.sol', teamRole],
	];

	test.each(tables)('%s has the members of the contract, in their order', (name, file, table) => {
		const members = membersOf(file, name).map((member) => member.charAt(0).toLowerCase() + member.slice(1));
		expect(members.length).toBeGreaterThan(1);
		expect(namesOf(table)).toEqual(members);
		expect(Object.values(table)).toEqual(members.map((_, index) => index));
	});

	test('a number has its name, and an unknown one is refused', () => {
		expect(nameOf(jobStatus, 4)).toBe('settled');
		expect(() => nameOf(jobStatus, 10)).toThrow(/No such value: 10/);
	});
});

describe('SET-02 accounts', () => {
	const person = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

	test('a person and a team are never the same account', () => {
		expect(holderOf(accountOf(person))).toEqual({ person: person.toLowerCase() });
		expect(holderOf(accountOfTeam(7))).toEqual({ team: 7 });
		expect(accountOfTeam(1)).toBe(1n << 160n);
	});

	test.each([0, -1, 1.5, 2 ** 32])('team %d is refused', (team) => {
		expect(() => accountOfTeam(team)).toThrow(RangeError);
	});
});

describe('AGT-04 short texts', () => {
	test('a catalogue key goes both ways', () => {
		expect(encodeBytes16('h100')).toBe('0x68313030000000000000000000000000');
		expect(decodeBytes16(encodeBytes16('0123456789abcdef'))).toBe('0123456789abcdef');
		expect(decodeToken(encodeToken('AKT'))).toBe('AKT');
	});

	test('what does not fit is refused', () => {
		expect(() => encodeBytes16('0123456789abcdefg')).toThrow(/at most 16/);
		expect(() => encodeBytes16('h１00')).toThrow(/ASCII/);
		expect(() => encodeToken('RENDERTOKEN')).toThrow(/at most 8/);
	});

	test('countries are packed back to back', () => {
		expect(encodeCountries(['DE', 'FR'])).toBe('0x44454652000000000000000000000000');
		expect(decodeCountries(encodeCountries(['DE', 'FR']))).toEqual(['DE', 'FR']);
		expect(decodeCountries(encodeCountries([]))).toEqual([]);
		expect(decodeCountry(encodeCountry('DE'))).toBe('DE');
		expect(decodeCountry(encodeCountry(''))).toBe('');
		expect(() => encodeCountries(['de'])).toThrow(/alpha-2/);
		expect(() => encodeCountries(Array.from({ length: 9 }, () => 'DE'))).toThrow(/At most 8/);
	});
});

describe('SET-05 addresses and chains', () => {
	const deployment = {
		chainId: 31337,
		startBlock: 0,
		accessControl: '0xe7f1725e7734ce288f8367e1bb143e90bb3f0512',
		providerRegistry: '0x9fe46736679d2d9a65f0992f2272de9f3c7fa6e0',
		jobRegistry: '0xcf7ed3acca5a467e9e704c703e8d87f634fb0fc9',
		escrow: '0xdc64a140aa3e981100a9beca4e685f962f0cf6c9',
		challenge: '0x5fc8d32690cc91d4c39d9d3abcbd16989f875707',
		usdc: '0x5fbdb2315678afecb367f032d93f642f64180aa3',
	};

	test('a deployment is read with checksummed addresses', () => {
		expect(deploymentSchema.parse(deployment).escrow).toBe(getAddress(deployment.escrow));
	});

	test.each(['escrow', 'chainId', 'startBlock'])('a deployment without a good %s is refused', (field) => {
		expect(deploymentSchema.safeParse({ ...deployment, [field]: '0x12' }).success).toBe(false);
	});

	test('a chain without contracts is refused, with those that have them', () => {
		expect(settlementChain(99999).name).toBe('ADI Testnet');
		expect(() => settlementChain(1)).toThrow(/31337 .* 99999 .* 36900/);
	});
});

test('an error inside another contract can be read', () => {
	const data = encodeErrorResult({ abi: escrowAbi, errorName: 'InsufficientBalance', args: [7n, 1n, 2n] });
	expect(decodeErrorResult({ abi: allAbis, data }).errorName).toBe('InsufficientBalance');
});
