/** What providers and buyers write into events is theirs to choose: here it is made to fit the tables, so that nobody can stop the indexer. */
export { clamp, clip, LONGEST_TEXT } from '@necto/core';

/** Longest provider URI that is kept. */
export const LONGEST_URI = 2_048;
