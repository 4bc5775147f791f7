import { describe, expect, it } from 'vitest';
import { keepEvidence, keptEvidence } from './evidence.ts';
import { hashText } from './kept-texts.ts';

function memory(): Storage {
	const values = new Map<string, string>();
	return {
		get length() {
			return values.size;
		},
		clear: () => values.clear(),
		getItem: (key) => values.get(key) ?? null,
		key: (index) => [...values.keys()][index] ?? null,
		removeItem: (key) => values.delete(key),
		setItem: (key, value) => values.set(key, value),
	};
}

describe('evidence', () => {
	it('is bound to the letter', () => {
		expect(hashText('')).toBe('0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470');
		expect(hashText('No GPU.')).not.toBe(hashText('No GPU. '));
	});

	it('is kept for its job on its contract, each text once', () => {
		const storage = memory();
		for (const text of ['one', 'two', 'one']) keepEvidence(storage, '0xAA', 4n, text);
		expect(keptEvidence(storage, '0xaa', 4n)).toEqual([
			{ text: 'one', hash: hashText('one') },
			{ text: 'two', hash: hashText('two') },
		]);
		expect(keptEvidence(storage, '0xaa', 5n)).toEqual([]);
		expect(keptEvidence(storage, '0xbb', 4n)).toEqual([]);
	});

	it('that is unreadable, or cannot be kept, breaks nothing', () => {
		const storage = memory();
		storage.setItem('necto.evidence.0xaa.4', '{"text":1}');
		expect(keptEvidence(storage, '0xaa', 4n)).toEqual([]);
		const full = {
			...memory(),
			setItem: () => {
				throw new Error('full');
			},
		};
		expect(() => keepEvidence(full, '0xaa', 4n, 'one')).not.toThrow();
	});
});
