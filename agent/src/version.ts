import { readFileSync } from 'node:fs';

// Our own package file, read once at the start.
const { version: read } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
	version: string;
};

/** Version of the agent. */
export const version: string = read;
