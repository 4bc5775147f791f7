import {
	type DocumentNode,
	type FragmentDefinitionNode,
	GraphQLError,
	type GraphQLSchema,
	Kind,
	type SelectionSetNode,
} from 'graphql';
import { type ComplexityEstimator, getComplexity } from 'graphql-query-complexity';

/** Ponder's page size when a query gives no limit. */
const USUAL_PAGE = 50;
/** Of each statement that a query makes the database run, beside its rows: a thousand pages of one row are not cheap. */
const STATEMENT = 10;
/** Counting all rows reads all of them. */
const COUNT = 100;
/** Of each condition in a `where`: each becomes a part of the statement, which is built in this process. Values in a list are cheaper. */
const CONDITION = 5;
/** Nested selections, fragments not counted. The deepest of our own queries has 4. */
export const MOST_DEPTH = 12;
export const MOST_ALIASES = 30;
export const MOST_TOKENS = 1_000;
/** Introspection reads no rows, but types and fields refer to each other in cycles. Common tools need no more than `fields { type { … } }`. */
const MOST_INTROSPECTION_LISTS = 1;
const MOST_INTROSPECTIONS = 2;
const INTROSPECTION_LISTS = new Set(['fields', 'inputFields', 'interfaces', 'possibleTypes']);

/**
 * Rows that a field makes the database read, at most. Page sizes multiply down the nesting: fifty jobs with fifty events each are 2,550 rows
 * in 51 statements. Relations to one row are read together, so that each counts one.
 */
const rowsOf =
	(fragments: Fragments): ComplexityEstimator =>
	({ childComplexity, args, field, type, node }) => {
		const kind = field.type.toString().replace('!', '');
		if (kind.endsWith('Page')) {
			const count = node.selectionSet !== undefined && isCounted(node.selectionSet, fragments) ? COUNT : 0;
			const rows = typeof args.limit === 'number' ? Math.max(0, args.limit) : USUAL_PAGE;
			return STATEMENT + count + costOfFilter(args.where) + rows * (1 + childComplexity);
		}
		if (field.name === '_meta') return STATEMENT;
		// `items` and `pageInfo` cost what is in them, a row itself and what is in it. Columns are read with their row, but under another name a
		// long one can be written many times over.
		if (node.selectionSet === undefined) return node.alias === undefined ? 0 : 1;
		return childComplexity + (type.name.endsWith('Page') || field.name.startsWith('__') ? 0 : 1);
	};

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function fragmentsOf(document: DocumentNode): Fragments {
	return new Map(
		document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
	);
}

/** Whether a page's rows are counted, also by a fragment. */
function isCounted(set: SelectionSetNode, fragments: Fragments, open: readonly string[] = []): boolean {
	return set.selections.some((one) => {
		if (one.kind === Kind.FIELD) return one.name.value === 'totalCount';
		if (one.kind === Kind.INLINE_FRAGMENT) return isCounted(one.selectionSet, fragments, open);
		const name = one.name.value;
		const fragment = fragments.get(name);
		return (
			fragment !== undefined && !open.includes(name) && isCounted(fragment.selectionSet, fragments, [...open, name])
		);
	});
}

/** The filter of a nested relation is built once for each parent row, so its cost is multiplied like that of the rows. */
function costOfFilter(where: unknown): number {
	if (where === undefined) return 0;
	if (Array.isArray(where)) return where.reduce<number>((sum, one) => sum + costOfFilter(one), 0);
	if (typeof where !== 'object' || where === null) return 1;
	return Object.values(where).reduce<number>((sum, one) => sum + CONDITION + costOfFilter(one), 0);
}

/**
 * The cost of a query.
 *
 * @throws GraphQLError when its variables or its directives are invalid
 */
export function costOf(
	schema: GraphQLSchema,
	document: DocumentNode,
	variables: Record<string, unknown>,
	operationName: string | undefined,
): number {
	return getComplexity({
		schema,
		query: document,
		variables,
		...(operationName === undefined ? {} : { operationName }),
		estimators: [rowsOf(fragmentsOf(document))],
	});
}

/** The structure of a query. */
export interface Shape {
	readonly depth: number;
	readonly aliases: number;
	/** `__schema` and `__type` fields, and the longest chain of lists inside them. */
	readonly introspections: number;
	readonly introspectionLists: number;
}

/** Measures a document with its fragments expanded. Recursive fragments are left to validation. */
export function shapeOf(document: DocumentNode): Shape {
	const fragments = fragmentsOf(document);
	const shape = { depth: 0, aliases: 0, introspections: 0, introspectionLists: 0 };
	let visits = 0;
	const look = (set: SelectionSetNode, depth: number, lists: number | null, open: readonly string[]) => {
		for (const one of set.selections) {
			// Nested fragments can expand few tokens to many fields.
			visits += 1;
			if (visits > MOST_TOKENS * 10)
				throw new GraphQLError('The query has too many fields after its fragments are expanded.');
			if (one.kind === Kind.FRAGMENT_SPREAD) {
				const fragment = fragments.get(one.name.value);
				if (fragment === undefined || open.includes(one.name.value)) continue;
				look(fragment.selectionSet, depth, lists, [...open, one.name.value]);
			} else if (one.kind === Kind.INLINE_FRAGMENT) {
				look(one.selectionSet, depth, lists, open);
			} else {
				const name = one.name.value;
				if (one.alias !== undefined) shape.aliases += 1;
				const isIntrospection = name === '__schema' || name === '__type';
				if (isIntrospection) shape.introspections += 1;
				const outer = isIntrospection ? 0 : lists;
				const inner = outer !== null && INTROSPECTION_LISTS.has(name) ? outer + 1 : outer;
				if (inner === null) shape.depth = Math.max(shape.depth, depth + 1);
				else shape.introspectionLists = Math.max(shape.introspectionLists, inner);
				if (one.selectionSet !== undefined) look(one.selectionSet, depth + 1, inner, open);
			}
		}
	};
	for (const each of document.definitions) {
		if (each.kind === Kind.OPERATION_DEFINITION) look(each.selectionSet, 0, null, []);
	}
	return shape;
}

/** Why a query's shape is refused; undefined if it is not. */
export function objectionTo(shape: Shape): string | undefined {
	if (shape.depth > MOST_DEPTH)
		return `The query is nested ${shape.depth} levels deep; at most ${MOST_DEPTH} are allowed.`;
	if (shape.aliases > MOST_ALIASES)
		return `The query has ${shape.aliases} aliases; at most ${MOST_ALIASES} are allowed.`;
	if (shape.introspections > MOST_INTROSPECTIONS) return 'The query contains too many introspection fields.';
	if (shape.introspectionLists > MOST_INTROSPECTION_LISTS) return 'The introspection query nests types too deeply.';
	return undefined;
}
