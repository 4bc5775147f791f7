/** Every source of token prices, none of which takes them from another. */
import { coinbase } from './coinbase.ts';
import { coinGecko } from './coinGecko.ts';
import { kraken } from './kraken.ts';
import { pyth } from './pyth.ts';
import type { TokenPriceDefinition } from './source.ts';

export const TOKEN_PRICE_SOURCES: readonly TokenPriceDefinition[] = [coinGecko, coinbase, kraken, pyth];
