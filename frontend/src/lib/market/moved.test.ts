import { describe, expect, test } from 'vitest';
import { waitingBetween, waitingWords } from './moved.ts';

const waiting = (shown: string, next: string) => waitingBetween([...shown], [...next]);

describe('what another order would change', () => {
	test('one row that goes elsewhere is one that moved, however many make room for it', () => {
		expect(waiting('abcdefgh', 'habcdefg')).toEqual({ moved: 1, added: 0, gone: 0 });
		expect(waiting('abcd', 'dcba')).toEqual({ moved: 3, added: 0, gone: 0 });
		expect(waiting('abcd', 'abcd')).toEqual({ moved: 0, added: 0, gone: 0 });
	});

	test('what is new and what is gone moves nothing', () => {
		expect(waiting('abcd', 'xaby')).toEqual({ moved: 0, added: 2, gone: 2 });
		expect(waiting('', 'ab')).toEqual({ moved: 0, added: 2, gone: 0 });
	});

	test('says so in words, and nothing when there is nothing', () => {
		expect(waitingWords({ moved: 1, added: 0, gone: 0 })).toBe('1 row moved');
		expect(waitingWords({ moved: 3, added: 2, gone: 1 })).toBe('3 rows moved, 2 new, 1 gone');
		expect(waitingWords({ moved: 0, added: 0, gone: 0 })).toBe('');
	});
});
