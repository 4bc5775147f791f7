import { at, spanOf, type TreeNode, text, typeOf, walk } from './tree.ts';

/** One small fault put into one file. */
export interface Mutant {
	/** Path from the top of the repository. */
	file: string;
	/** From 1. */
	line: number;
	/** The contract or library, and the function: where to look. */
	where: string;
	operator: string;
	/** In bytes of the file. */
	start: number;
	end: number;
	before: string;
	after: string;
}

/** What takes an operator's place, by what stands there. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
	'<': ['<=', '>='],
	'<=': ['<', '>'],
	'>': ['>=', '<='],
	'>=': ['>', '<'],
	'==': ['!='],
	'!=': ['=='],
	'&&': ['||'],
	'||': ['&&'],
	'+': ['-'],
	'-': ['+'],
	'*': ['/'],
	'/': ['*'],
	'%': ['*'],
	'<<': ['>>'],
	'>>': ['<<'],
	'&': ['|'],
	'|': ['&'],
	'+=': ['-='],
	'-=': ['+='],
	'++': ['--'],
	'--': ['++'],
};

type Change = [operator: string, start: number, end: number, after: string];

/** The members of each enum in the trees, by the type's name as the compiler writes it. */
export function enumsOf(trees: readonly unknown[]): Map<string, string[]> {
	const enums = new Map<string, string[]>();
	for (const [node] of walk(trees)) {
		if (node.nodeType !== 'EnumDefinition' || !Array.isArray(node.members)) continue;
		enums.set(
			`enum ${text(node, 'canonicalName')}`,
			node.members.map((member: TreeNode) => text(member, 'name')),
		);
	}
	return enums;
}

/** All mutants of a file, always the same and in the same order. */
export function mutantsOf(file: string, source: Buffer, tree: unknown, enums: Map<string, string[]>): Mutant[] {
	const mutants: Mutant[] = [];
	for (const [node, above] of walk(tree)) {
		for (const [operator, start, end, after] of changesOf(node, above, source, enums)) {
			mutants.push({
				file,
				line: source.subarray(0, start).toString().split('\n').length,
				where: [...above, node]
					.filter(({ nodeType }) => /^(Contract|Function|Modifier)Definition$/.test(nodeType))
					.map((definition) => text(definition, 'name') || text(definition, 'kind'))
					.join('.'),
				operator,
				start,
				end,
				before: source.subarray(start, end).toString(),
				after,
			});
		}
	}
	return mutants;
}

function* changesOf(
	node: TreeNode,
	above: readonly TreeNode[],
	source: Buffer,
	enums: Map<string, string[]>,
): Generator<Change> {
	const [start, end] = spanOf(node);
	const parent = above.at(-1);
	switch (node.nodeType) {
		case 'BinaryOperation':
			yield* swapOperator(node, 'leftExpression', 'rightExpression', source);
			return;
		case 'Assignment':
			yield* swapOperator(node, 'leftHandSide', 'rightHandSide', source);
			return;
		case 'UnaryOperation':
			yield* unary(node, source);
			return;
		case 'Literal':
			yield* literal(node, above);
			return;
		case 'MemberAccess': {
			const members = enums.get(typeOf(node)) ?? [];
			const index = members.indexOf(text(node, 'memberName'));
			const other = members[(index + 1) % members.length];
			// A member of the enum's own name, not a variable of its type.
			const ofType = typeOf(at(node, 'expression') ?? node).startsWith('type(');
			if (index >= 0 && other !== undefined && ofType) {
				yield ['enum member', end - text(node, 'memberName').length, end, other];
			}
			return;
		}
		case 'Conditional': {
			const condition = at(node, 'condition');
			if (condition) yield* negate('condition', condition, source);
			return;
		}
		case 'IfStatement': {
			const condition = at(node, 'condition');
			if (!condition) return;
			const [from, to] = spanOf(condition);
			yield ['if never', from, to, 'false'];
			yield ['if always', from, to, 'true'];
			return;
		}
		case 'ModifierInvocation':
			if (node.kind === 'modifierInvocation') yield ['removed modifier', start, end, ''];
			return;
		case 'RevertStatement':
		case 'EmitStatement':
			yield ['removed statement', start, end + 1, '{}'];
			return;
		case 'ExpressionStatement': {
			const expression = at(node, 'expression');
			const name = expression && at(expression, 'expression')?.name;
			const isCheck = name === 'require' || name === 'revert';
			// In the head of a loop a block cannot stand.
			if (parent?.nodeType === 'ForStatement' && at(parent, 'body') !== node) return;
			yield [isCheck ? 'removed check' : 'removed statement', start, end + 1, '{}'];
			return;
		}
	}
}

function* swapOperator(node: TreeNode, left: string, right: string, source: Buffer): Generator<Change> {
	const [before, after] = [at(node, left), at(node, right)];
	const operator = text(node, 'operator');
	if (!before || !after) return;
	const from = spanOf(before)[1];
	const place = source.indexOf(operator, from);
	if (place < 0 || place >= spanOf(after)[0]) return;
	for (const other of OPERATORS[operator] ?? [])
		yield [`${operator} to ${other}`, place, place + operator.length, other];
}

function* unary(node: TreeNode, source: Buffer): Generator<Change> {
	const [start, end] = spanOf(node);
	const operator = text(node, 'operator');
	if (operator === '!') yield ['removed !', start, start + 1, ''];
	// As a statement or a loop's step; the statement's own removal is another mutant.
	for (const other of OPERATORS[operator] ?? []) {
		if (operator.length !== 2) continue;
		const place = node.prefix === true ? start : end - 2;
		if (source.subarray(place, place + 2).toString() === operator)
			yield [`${operator} to ${other}`, place, place + 2, other];
	}
}

function* literal(node: TreeNode, above: readonly TreeNode[]): Generator<Change> {
	const [start, end] = spanOf(node);
	const value = text(node, 'value');
	if (node.kind === 'bool') yield ['bool', start, end, value === 'true' ? 'false' : 'true'];
	if (node.kind !== 'number' || above.some(({ nodeType }) => nodeType === 'PragmaDirective')) return;
	const written = [value, text(node, 'subdenomination')].filter(Boolean).join(' ');
	yield ['constant + 1', start, end, `(${written} + 1)`];
	if (!/^0(x0+)?$/.test(value)) yield ['constant - 1', start, end, `(${written} - 1)`];
}

function* negate(operator: string, condition: TreeNode, source: Buffer): Generator<Change> {
	const [start, end] = spanOf(condition);
	yield [operator, start, end, `!(${source.subarray(start, end).toString()})`];
}

/** The file with the mutant in it. */
export function apply(source: Buffer, { start, end, after }: Mutant): string {
	return Buffer.concat([source.subarray(0, start), Buffer.from(after), source.subarray(end)]).toString();
}
