import { expect, test } from 'vitest';
import * as schema from '../ponder.schema.ts';
import { sqlNameOf, TABLES, tablesOf } from '../src/api/tables.ts';
import { clamp, clip, LONGEST_TEXT } from '../src/untrusted.ts';
import { sqlTableName } from './support/memory-store.ts';

test('the tables of live updates are those of the schema, by the names they have in SQL', () => {
	const inSchema = Object.entries(schema).filter(([name]) => !name.endsWith('Relations'));
	expect([...TABLES].sort()).toEqual(inSchema.map(([name]) => name).sort());
	for (const [name, table] of inSchema) expect(tablesOf([sqlTableName(table)])).toEqual([name]);
	expect(sqlNameOf('escrowEntry')).toBe('escrow_entry');
	expect(tablesOf(['_ponder_checkpoint', 'job'])).toEqual(['job']);
});

test('texts are cut by characters, not through them', () => {
	expect(clip('Nordlicht')).toBe('Nordlicht');
	expect(clip('x'.repeat(LONGEST_TEXT))).toBe('x'.repeat(LONGEST_TEXT));
	const cut = clip('🖥'.repeat(1_000));
	expect([...cut]).toHaveLength(LONGEST_TEXT);
	expect(cut.endsWith('🖥…')).toBe(true);
	expect(clip('a\0b')).toBe('ab');
});

test('numbers end where the column does', () => {
	expect(clamp(5)).toBe(5);
	expect(clamp(4_294_967_295)).toBe(2_147_483_647);
});
