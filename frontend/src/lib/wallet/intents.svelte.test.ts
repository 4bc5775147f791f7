import { beforeEach, expect, test } from 'vitest';
import { dropIntent, keepIntent, takeIntents } from './intents.ts';

beforeEach(() => sessionStorage.clear());

const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];

test('SYS-06 what a reload cut off before the wallet was asked is told once', () => {
	keepIntent(one, 'Complete job 4');
	keepIntent(other, 'Start job 5');
	dropIntent(other);
	expect(takeIntents()).toEqual([{ id: one, title: 'Complete job 4' }]);
	expect(takeIntents()).toEqual([]);
});

test('what is not understood, or cannot be kept, is none', () => {
	sessionStorage.setItem('necto.intents.1', '[{"id":7}]');
	expect(takeIntents()).toEqual([]);
});
