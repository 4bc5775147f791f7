/** What zod finds wrong with an input, as sentences for people: `offset: a whole number from 0 to 100000 is expected, not 'abc'`. */
import { z } from 'zod';

/** What is known of the request besides zod's issue. */
export interface FaultContext {
	/** The valid names, listed when an unknown one is used. */
	known?: readonly string[] | undefined;
	/** Of the whole input: gives the range of a number that could not be read. */
	schema?: z.ZodType | undefined;
	/** The whole input as it came. Without it, whether a field is missing is read from zod's message. */
	input?: unknown;
}

type Issue = z.core.$ZodIssue;

/** Beginnings of zod's own messages; every other message was written in a schema, for people. */
const OF_ZOD = /^(Invalid |Invalid$|Too big|Too small|Unrecognized key)/;

/** One issue in words: which field, and what is wrong with it. */
export function faultText(issue: Issue, context: FaultContext = {}): string {
	const path = issue.path.map(String).join('.');
	if (issue.code === 'unrecognized_keys') return unknownNames(issue.keys, path, context.known);
	const wrong = faultIn(issue, context);
	if (wrong === MISSING) return `${path} ${MISSING}`;
	if (path !== '') return `${path}: ${wrong}`;
	return OF_ZOD.test(issue.message) ? `The input: ${wrong}` : wrong;
}

const MISSING = 'is missing';

/** The same without the field's name: `a list is expected`. */
export function faultIn(issue: Issue, context: FaultContext = {}): string {
	if (issue.code === 'unrecognized_keys') return unknownNames(issue.keys, '', context.known);
	if (!OF_ZOD.test(issue.message)) return issue.message;
	const value = context.input === undefined ? undefined : at(context.input, issue.path);
	if (isMissing(issue, value, context)) return MISSING;
	const expected = expectation(issue, nodeOf(context.schema, issue.path));
	return `${expected} is expected${value === undefined ? '' : `, not ${shown(value)}`}`;
}

function isMissing(issue: Issue, value: unknown, { input }: FaultContext): boolean {
	if (issue.path.length === 0) return false;
	return input === undefined ? issue.message.endsWith('received undefined') : value === undefined;
}

function unknownNames(keys: readonly string[], path: string, known: readonly string[] | undefined): string {
	const names = keys.map((key) => `'${key.slice(0, 40)}'`).join(', ');
	const where = path === '' ? '' : ` in ${path}`;
	if (known === undefined || known.length === 0) return `Unknown field ${names}${where}`;
	return `Unknown parameter ${names}; valid parameters are ${known.join(', ')}`;
}

const TYPES: Readonly<Record<string, string>> = {
	string: 'a text',
	number: 'a number',
	int: 'a whole number',
	bigint: 'a whole number',
	boolean: 'true or false',
	array: 'a list',
	object: 'an object',
	record: 'an object',
	null: 'null',
};

const FORMATS: Readonly<Record<string, string>> = {
	date: 'a date such as 2026-08-20',
	datetime: 'a time such as 2026-08-20T12:00:00Z',
	url: 'a URL',
	email: 'an e-mail address',
};

/** What would be right: begins in lower case, without a verb. */
function expectation(issue: Issue, node: Node | null): string {
	switch (issue.code) {
		case 'invalid_type':
			return numberText(node) ?? TYPES[issue.expected] ?? `a value of type ${issue.expected}`;
		case 'too_small':
			return numberText(node) ?? bound(issue.origin, 'at least', Number(issue.minimum), issue.inclusive !== false);
		case 'too_big':
			return numberText(node) ?? bound(issue.origin, 'at most', Number(issue.maximum), issue.inclusive !== false);
		case 'invalid_value':
			return oneOf(issue.values.map(String));
		case 'invalid_format':
			return FORMATS[issue.format] ?? 'a text in another format';
		case 'not_multiple_of':
			return `a multiple of ${issue.divisor}`;
		case 'invalid_union': {
			const choices = issue.errors.flatMap(([first]) => (first === undefined ? [] : [expectation(first, null)]));
			return choices.length === 0 ? 'another value' : [...new Set(choices)].join(' or ');
		}
		default:
			return 'another value';
	}
}

function oneOf(values: readonly string[]): string {
	return values.length === 1 ? `'${values[0]}'` : `one of ${values.join(', ')}`;
}

function bound(origin: string, side: 'at least' | 'at most', limit: number, inclusive: boolean): string {
	const most = inclusive ? `${side} ${limit}` : `${side === 'at least' ? 'more' : 'less'} than ${limit}`;
	if (origin === 'string') return `a text of ${most} ${limit === 1 ? 'character' : 'characters'}`;
	if (origin === 'array' || origin === 'set') return `a list of ${most} ${limit === 1 ? 'entry' : 'entries'}`;
	if (origin === 'int' || origin === 'bigint') return `a whole number of ${most}`;
	return `a number of ${most}`;
}

const nodeSchema = z.looseObject({
	type: z.string().optional(),
	minimum: z.number().optional(),
	maximum: z.number().optional(),
	properties: z.record(z.string(), z.unknown()).optional(),
	items: z.unknown().optional(),
});
type Node = z.output<typeof nodeSchema>;

/** The JSON schema of the place in the input; null where it is not known. */
function nodeOf(schema: z.ZodType | undefined, path: readonly PropertyKey[]): Node | null {
	if (schema === undefined) return null;
	let node: unknown = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
	for (const part of path) {
		const { properties, items } = nodeSchema.safeParse(node).data ?? {};
		node = typeof part === 'number' ? items : properties?.[String(part)];
	}
	return nodeSchema.safeParse(node).data ?? null;
}

/** `a whole number from 0 to 100000`; null for what is no number. */
function numberText(node: Node | null): string | null {
	if (node?.type !== 'integer' && node?.type !== 'number') return null;
	const what = node.type === 'integer' ? 'a whole number' : 'a number';
	// Zod gives the limits of a double where a schema names none.
	const from = node.minimum === Number.MIN_SAFE_INTEGER ? undefined : node.minimum;
	const to = node.maximum === Number.MAX_SAFE_INTEGER ? undefined : node.maximum;
	if (from !== undefined && to !== undefined) return `${what} from ${from} to ${to}`;
	if (from !== undefined) return `${what} of at least ${from}`;
	return to === undefined ? what : `${what} of at most ${to}`;
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
	let value = input;
	for (const part of path) {
		// A list in a query is one text.
		if (typeof value === 'string' && typeof part === 'number') {
			value = value.split(',')[part]?.trim();
			continue;
		}
		if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
		// Its own property, as was just checked; the type of an object says nothing of its keys.
		value = (value as Record<PropertyKey, unknown>)[part];
	}
	return value;
}

/** The value, short enough for a sentence. */
function shown(value: unknown): string {
	if (Array.isArray(value)) return `a list of ${value.length}`;
	if (typeof value === 'object' && value !== null) return 'an object';
	return typeof value === 'string' ? `'${value.slice(0, 60)}'` : String(value);
}
