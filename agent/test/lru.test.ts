import { describe, expect, it } from 'vitest';
import { Lru } from '../src/market/lru.ts';

describe('SYS-03 a cache', () => {
	it('forgets what was used longest ago, by the weight of what it holds and of what it is asked', () => {
		const made: string[] = [];
		const lru = new Lru<string, string>(10, (value, key) => value.length + key.length);
		const take = (key: string) =>
			lru.take(key, () => {
				made.push(key);
				return '';
			});
		for (const key of ['aaaa', 'bbbb', 'aaaa', 'cccc', 'aaaa', 'bbbb']) take(key);
		expect(made).toEqual(['aaaa', 'bbbb', 'cccc', 'bbbb']);
	});
});
