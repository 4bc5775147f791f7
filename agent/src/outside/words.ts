/** Errors of outside parties as sentences that name the party. */
import { scrub } from '../scrub.ts';
import { OutsideError } from './fetch.ts';

/**
 * Puts the party's name in place of an "It" or "Its" that begins a sentence. Code that reads several parties writes its errors without knowing which one it reads.
 *
 * @param subject begins a sentence: `The indexer`, `Akash`
 */
export function named(subject: string, message: string): string {
	const owner = subject.endsWith('s') ? `${subject}'` : `${subject}'s`;
	// Also after a colon, where the error of one part of an answer is quoted.
	return message.replace(
		/(^|: )It(s?) /g,
		(_, before: string, possessive: string) => `${before}${possessive === '' ? subject : owner} `,
	);
}

/**
 * Why a request to a party failed before there was an answer: `The indexer cannot be reached (ECONNREFUSED).`
 *
 * @param error as `fetch` or `boundedFetch` threw it
 */
export function requestFailure(subject: string, error: unknown): string {
	if (error instanceof OutsideError) return named(subject, error.message);
	if (error instanceof SyntaxError) return `${subject} does not answer with JSON.`;
	const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	const code = inner instanceof Error && 'code' in inner && typeof inner.code === 'string' ? inner.code : null;
	return code === null
		? `${subject} cannot be reached${inner instanceof Error ? `: ${scrub(inner.message).slice(0, 80)}` : ''}.`
		: `${subject} cannot be reached (${code}).`;
}
