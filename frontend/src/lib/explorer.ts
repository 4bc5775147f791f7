/** The page of an address or a transaction at a chain's explorer, or null where there is no explorer. */
export function explorerUrl(explorer: string | null, kind: 'address' | 'transaction', value: string): string | null {
	if (explorer === null) return null;
	return `${explorer.replace(/\/$/, '')}/${kind === 'transaction' ? 'tx' : 'address'}/${value}`;
}
