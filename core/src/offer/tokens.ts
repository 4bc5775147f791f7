/** The tokens that networks are paid in, and what sources of their prices call them. The agent asks by these names, and so does who verifies it. */
export const TOKEN_SYMBOLS = ['AKT', 'IO', 'RENDER', 'ATH', 'NOS', 'GLM', '0G'] as const;
export type TokenSymbol = (typeof TOKEN_SYMBOLS)[number];

/** Ids of docs.coingecko.com ("Coins List"). */
export const COINGECKO_COINS: Readonly<Record<TokenSymbol, string>> = {
	AKT: 'akash-network',
	IO: 'io',
	RENDER: 'render-token',
	ATH: 'aethir',
	NOS: 'nosana',
	GLM: 'golem',
	'0G': 'zero-gravity',
};

/** Pairs with USD of docs.kraken.com ("Get Tradable Asset Pairs"). Kraken does not list the others. */
export const KRAKEN_PAIRS: Readonly<Partial<Record<TokenSymbol, string>>> = {
	AKT: 'AKTUSD',
	RENDER: 'RENDERUSD',
	ATH: 'ATHUSD',
	NOS: 'NOSUSD',
	'0G': '0GUSD',
};
