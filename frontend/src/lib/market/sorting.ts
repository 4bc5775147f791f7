/** A head of the price table: what it shows, and the order that pressing it asks for. */
export interface Head {
	name: string;
	/** Not shown, only said. */
	hidden?: boolean;
	align: 'left' | 'right';
	sorted: 'asc' | 'desc' | null;
	/** Core's word for the order after a press; null when the table cannot be sorted by it. */
	next: string | null;
}

/** The heads of the table in an order. The best comes first by itself, which is the price unless there is a job or a wish for a place. */
export function headsOf(sort: string, withCost: boolean): Head[] {
	const byPrice = sort === 'price' || sort === '-price' || (sort === 'best' && !withCost);
	const left = { align: 'left', sorted: null, next: null } as const;
	const rising = (word: string) => (sort === word ? 'asc' : null);
	const heads: Head[] = [
		{ ...left, name: 'Compare', hidden: true },
		{ ...left, name: 'GPU', sorted: rising('gpu'), next: 'gpu' },
		{ ...left, name: 'Provider' },
		{
			name: 'USD / GPU-hour',
			align: 'right',
			sorted: byPrice ? (sort === '-price' ? 'desc' : 'asc') : null,
			next: byPrice && sort !== '-price' ? '-price' : 'price',
		},
		{ ...left, name: 'As published' },
		{ ...left, name: 'Region' },
		{ ...left, name: 'Free', align: 'right' },
		{ ...left, name: 'Quality' },
		{ ...left, name: 'Source, age', sorted: rising('age'), next: 'age' },
	];
	if (withCost) heads.splice(4, 0, { name: 'Your job', align: 'right', sorted: rising('best'), next: 'best' });
	return heads;
}

/** The orders as a choice, for where there are no heads. */
export const sortChoices = [
	{ value: 'best', label: 'Best first' },
	{ value: 'price', label: 'Cheapest first' },
	{ value: '-price', label: 'Most expensive first' },
	{ value: 'age', label: 'Latest first' },
	{ value: 'gpu', label: 'By GPU' },
	{ value: 'source', label: 'By source' },
];
