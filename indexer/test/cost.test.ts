import { buildSchema, getIntrospectionQuery, parse } from 'graphql';
import { expect, test } from 'vitest';
import { costOf, MOST_ALIASES, MOST_DEPTH, objectionTo, shapeOf } from '../src/api/graphql/cost.ts';

/** As Ponder makes them, with two tables. */
const schema = buildSchema(`
	type Query {
		job(id: String!): job
		jobs(limit: Int, offset: Int, where: jobFilter): jobPage!
		listings(limit: Int): listingPage!
		_meta: Meta
	}
	input jobFilter { id: String, id_in: [String], OR: [jobFilter] }
	type Meta { status: String }
	type PageInfo { hasNextPage: Boolean! }
	type job { id: String, requestJson: String, listing: listing, events(limit: Int): jobEventPage }
	type jobEvent { id: String, job: job }
	type listing { id: Int, jobs(limit: Int): jobPage }
	type jobPage { items: [job!]!, pageInfo: PageInfo!, totalCount: Int! }
	type jobEventPage { items: [jobEvent!]!, pageInfo: PageInfo!, totalCount: Int! }
	type listingPage { items: [listing!]!, pageInfo: PageInfo!, totalCount: Int! }
`);
const cost = (query: string, variables: Record<string, unknown> = {}) =>
	costOf(schema, parse(query), variables, undefined);
const shape = (query: string) => shapeOf(parse(query));

test.each([
	['{ job(id: "1") { id } }', 1],
	['{ job(id: "1") { id listing { id } } }', 2],
	['{ jobs { items { id } } }', 60],
	['{ jobs(limit: 7) { items { id } pageInfo { hasNextPage } } }', 17],
	['{ jobs(limit: 7) { items { id } totalCount } }', 117],
	['{ jobs(limit: 7) { items { listing { id } } } }', 24],
	['{ jobs(limit: 7) { items { events(limit: 3) { items { id } } } } }', 10 + 7 * (1 + 10 + 3)],
	['{ a: jobs(limit: 1) { items { id } } b: jobs(limit: 1) { items { id } } }', 22],
	['{ jobs(limit: 7) { items { a: id b: id } } }', 10 + 7 * 3],
	['{ jobs(limit: -7) { items { id } } }', 10],
	['{ _meta { status } }', 10],
	['{ jobs(limit: 2) { ...P } } fragment P on jobPage { items { ...J } } fragment J on job { listing { id } }', 14],
	['{ jobs(limit: 7) { items { id } ... { totalCount } } }', 117],
	['{ jobs(limit: 7) { ...C } } fragment C on jobPage { ... { totalCount } ...C }', 117],
	['{ jobs(limit: 7, where: { id: "1" }) { items { id } } }', 17 + 5 + 1],
	['{ jobs(limit: 7, where: { id_in: ["1", "2", "3"] }) { items { id } } }', 17 + 5 + 3],
	['{ jobs(limit: 7, where: { OR: [{ id: "1" }, { id: "2" }] }) { items { id } } }', 17 + 5 + 2 * 6],
])('%s costs %i', (query, expected) => {
	expect(cost(query)).toBe(expected);
});

test('SYS-02 page sizes multiply: 180 bytes that would read a hundred thousand rows', () => {
	const query = '{jobs{items{listing{jobs{items{listing{jobs{items{listing{jobs{items{id}}}}}}}}}}}}';
	expect(query.length).toBeLessThan(180);
	expect(cost(query)).toBeGreaterThan(5_000_000);
});

test('SYS-02 a filter costs what is in it, each time that it is used', () => {
	const aliases = Array.from({ length: 29 }, (_, at) => `a${at}: jobs(limit: 1, where: $where) { items { id } }`).join(
		' ',
	);
	const where = { OR: Array.from({ length: 3_000 }, () => ({ id: '1' })) };
	expect(cost(`query ($where: jobFilter) { ${aliases} }`, { where })).toBeGreaterThan(29 * 3_000);
});

test('variables count as what they are', () => {
	const query = 'query ($most: Int) { jobs(limit: $most) { items { id } } }';
	expect(cost(query, { most: 900 })).toBe(910);
	expect(cost(query)).toBe(60);
	expect(() => cost(query, { most: 'all' })).toThrow('most');
	const skipped = 'query ($no: Boolean!) { jobs @skip(if: $no) { items { id } } }';
	expect([cost(skipped, { no: true }), cost(skipped, { no: false })]).toEqual([0, 60]);
});

test('depth, aliases and introspection are measured through fragments', () => {
	expect(shape('{ jobs { items { ...J } } } fragment J on job { listing { id } }').depth).toBe(4);
	expect(objectionTo(shape(`{${'a{'.repeat(MOST_DEPTH)}b${'}'.repeat(MOST_DEPTH)}}`))).toMatch(/nested 13 levels/);
	const aliases = Array.from({ length: MOST_ALIASES + 1 }, (_, at) => `a${at}: job(id: "1") { id }`).join(' ');
	expect(objectionTo(shape(`{ ${aliases} }`))).toMatch(/31 aliases/);
	expect(objectionTo(shape('{ ...A } fragment A on Query { ...A }'))).toBeUndefined();
	const levels = Array.from({ length: 20 }, (_, at) => `fragment F${at} on Query { ...F${at + 1} ...F${at + 1} }`);
	expect(() => shape(`{ ...F0 } ${levels.join(' ')} fragment F20 on Query { a }`)).toThrow('too many fields');
});

test('the usual introspection passes, and none that leads in circles', () => {
	expect(objectionTo(shape(getIntrospectionQuery()))).toBeUndefined();
	expect(
		objectionTo(shape('{ __type(name: "job") { fields { name type { kind ofType { kind } } } } }')),
	).toBeUndefined();
	expect(objectionTo(shape('{ __schema { types { fields { type { fields { name } } } } } }'))).toMatch(
		/nests types too deeply/,
	);
	const three = '{ a: __schema { types { name } } b: __schema { types { name } } c: __schema { types { name } } }';
	expect(objectionTo(shape(three))).toMatch(/too many introspection fields/);
});
