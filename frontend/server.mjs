// Runs the built pages. Settings that are missing or wrong end the start with a sentence for each, and nothing else.
import { existsSync } from 'node:fs';

const built = new URL('build/index.js', import.meta.url);

/**
 * Of SvelteKit's error, which lists each setting with what is wrong with it and ends with a link, what an operator needs.
 *
 * @param {string} message
 */
function sentencesOf(message) {
	const sentences = [];
	let name = '';
	for (const line of message.split('\n')) {
		if (/^[A-Z][A-Z0-9_]*$/.test(line)) name = line;
		else if (line.startsWith('  - ')) sentences.push(`${name} ${line.slice(4)}`);
	}
	return sentences.length === 0 ? message : sentences.join('\n');
}

/** @param {string} sentence */
function end(sentence) {
	process.stderr.write(`${sentence}\n`);
	process.exit(1);
}

if (!existsSync(built)) end('The pages are not built: run `npm run build --workspace frontend` first.');
try {
	await import(built.href);
} catch (error) {
	if (!(error instanceof Error && error.message.startsWith('env_invalid\n'))) throw error;
	end(sentencesOf(error.message));
}
