import { beforeEach, expect, test } from 'vitest';
import { firstDraft } from './draft.ts';
import { forgetDraft, keepDraft, keptDraft } from './kept-draft.ts';

beforeEach(() => sessionStorage.clear());

test('SYS-06 what was typed is there after a reload, also what is wrong with it', () => {
	const draft = { ...firstDraft(), gpuCount: 'many', countries: 'DE, ', spec: 'image: x' };
	keepDraft('?a=1', draft);
	expect(keptDraft('?a=1')).toEqual(draft);
	forgetDraft();
	expect(keptDraft('?a=1')).toBeNull();
});

test('SYS-06 another link fills in another form, and what is not understood is no draft', () => {
	keepDraft('?gpuModel=h100', firstDraft());
	expect(keptDraft('')).toBeNull();
	sessionStorage.setItem('necto.job-draft.1', '{"link":"","draft":{"gpuModel":7}}');
	expect(keptDraft('')).toBeNull();
	sessionStorage.setItem('necto.job-draft.1', 'nonsense');
	expect(keptDraft('')).toBeNull();
});
