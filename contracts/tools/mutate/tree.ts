/** A node of the compiler's syntax tree. What else it holds depends on its type; `at` and `list` read it. */
export interface TreeNode {
	nodeType: string;
	/** `start:length:file`, in bytes. */
	src: string;
	[key: string]: unknown;
}

function isNode(value: unknown): value is TreeNode {
	return typeof value === 'object' && value !== null && 'nodeType' in value && 'src' in value;
}

/** A child, `undefined` when there is none of that name. */
export function at(node: TreeNode, key: string): TreeNode | undefined {
	const value = node[key];
	return isNode(value) ? value : undefined;
}

export function text(node: TreeNode, key: string): string {
	const value = node[key];
	return typeof value === 'string' ? value : '';
}

/** The type of an expression as the compiler writes it, such as `enum JobStatus`. */
export function typeOf(node: TreeNode): string {
	const descriptions = node.typeDescriptions;
	if (typeof descriptions !== 'object' || descriptions === null || !('typeString' in descriptions)) return '';
	return String(descriptions.typeString);
}

/** Start and end in bytes. */
export function spanOf(node: TreeNode): [number, number] {
	const [start = 0, length = 0] = node.src.split(':').map(Number);
	return [start, start + length];
}

/** Each node under `value` in the order of the source, with its ancestors from the top. */
export function* walk(value: unknown, above: readonly TreeNode[] = []): Generator<[TreeNode, readonly TreeNode[]]> {
	if (Array.isArray(value)) {
		for (const item of value) yield* walk(item, above);
		return;
	}
	if (!isNode(value)) return;
	yield [value, above];
	const below = [...above, value];
	for (const child of Object.values(value)) yield* walk(child, below);
}
