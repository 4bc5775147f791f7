/** The process that talks to the language model. It reads questions on its standard input, and ends with it. */
import { UserError } from '../errors.ts';
import { lines } from './lines.ts';
import { ClaudeModel } from './model.ts';
import { questionSchema, type Reply } from './protocol.ts';

const MOST_CHARACTERS = 64 * 1024;

const { ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, ANTHROPIC_MODEL, DEADLINE_MS } = process.env;
const deadlineMs = Number(DEADLINE_MS);
const claude = new ClaudeModel({
	apiKey: ANTHROPIC_API_KEY ?? '',
	baseUrl: ANTHROPIC_BASE_URL ?? null,
	model: ANTHROPIC_MODEL ?? '',
	deadlineMs,
});

async function answer(id: number, text: string): Promise<Reply> {
	try {
		return { id, answer: await claude.parse(text, AbortSignal.timeout(deadlineMs)) };
	} catch (error) {
		const known = error instanceof UserError ? error : broken();
		const { status, code, message, suggestion } = known;
		// `ClaudeModel` throws these statuses only, and the agent checks it.
		return { id, error: { status, code, message, suggestion } as NonNullable<Reply['error']> };
	}
}

function broken(): UserError {
	return new UserError(500, 'internal', 'The text parser failed.', 'Fill in the form by hand.');
}

for await (const line of lines(process.stdin, MOST_CHARACTERS)) {
	const { id, text } = questionSchema.parse(JSON.parse(line));
	void answer(id, text).then((reply) => process.stdout.write(`${JSON.stringify(reply)}\n`));
}
// Its standard input ended: so has the agent.
process.exit(0);
