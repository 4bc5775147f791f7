import { expect, it } from 'vitest';
import { eventWords, evidenceHashes } from './events.ts';

it('says why a job was reopened', () => {
	const words = (reason: string) => eventWords({ kind: 'reopened', data: JSON.stringify({ reason }) }).detail;
	expect(words('declined')).toContain('declined');
	expect(words('not-started')).toContain('in time');
	expect(words('overturned')).toContain('overturned');
	expect(eventWords({ kind: 'reopened', data: 'nonsense' })).toEqual({
		title: 'Reopened',
		detail: 'The job is waiting to be routed again.',
	});
});

it('names events, also those that it does not know', () => {
	expect(eventWords({ kind: 'requested', data: '{}' })).toEqual({ title: 'Requested', detail: null });
	expect(eventWords({ kind: 'disputed', data: '{}' }).title).toBe('Disputed');
	expect(eventWords({ kind: 'something-new', data: '{}' }).title).toBe('Something-new');
});

it('tells the hashes of evidence apart from whatever else events say', () => {
	const events = [
		{ data: '{"taken":"0xCC"}' },
		{ data: '{"due":"5","evidenceHash":"0xAA"}' },
		{ data: 'nonsense' },
		{ data: '{"evidenceHash":"0xbb"}' },
	];
	expect([...evidenceHashes(events)]).toEqual(['0xaa', '0xbb']);
});
