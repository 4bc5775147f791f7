import { expect, it } from 'vitest';
import { LastKnown } from './last-known.ts';

it('a row that its source does not know for a moment stays, and is said to be old', () => {
	const known = new LastKnown<string>();
	expect(known.take('3', undefined)).toEqual({ row: undefined, isOld: false });
	expect(known.take('3', null)).toEqual({ row: null, isOld: false });
	expect(known.take('3', 'running')).toEqual({ row: 'running', isOld: false });
	expect(known.take('3', null)).toEqual({ row: 'running', isOld: true });
	expect(known.take('3', 'settled')).toEqual({ row: 'settled', isOld: false });
});

it('a row is not shown under another id', () => {
	const known = new LastKnown<string>();
	known.take('3', 'running');
	expect(known.take('4', null)).toEqual({ row: null, isOld: false });
});
