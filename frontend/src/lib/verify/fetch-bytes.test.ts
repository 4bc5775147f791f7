import { MAX_FILE_BYTES, zeroGRoot } from '@necto/core';
import { describe, expect, it } from 'vitest';
import { fetchByRoot } from './fetch-bytes.ts';

const bytes = new TextEncoder().encode('{"format":"necto.record/1"}');
const root = zeroGRoot(bytes);

/** A network in which each place answers as told. */
function network(answers: { zerog: () => Response; agent: () => Response }): typeof fetch {
	return async (input) => (String(input).startsWith('/api/zerog/') ? answers.zerog() : answers.agent());
}
const missing = () => new Response('no', { status: 404 });
const file = () => new Response(bytes);

describe('VER-03 fetching a file by its root', () => {
	it('takes it from 0G first', async () => {
		const fetched = await fetchByRoot(root, network({ zerog: file, agent: missing }));
		expect(fetched).toMatchObject({ source: '0g', notes: [] });
		expect(fetched.bytes).toEqual(bytes);
	});

	it('falls back to the agent and says why', async () => {
		const fetched = await fetchByRoot(root, network({ zerog: missing, agent: file }));
		expect(fetched.source).toBe('agent');
		expect(fetched.notes).toEqual([expect.stringContaining('404')]);
	});

	it('does not mistake 0G\'s "not found" with status 200 for the file', async () => {
		const notFound = () => Response.json({ code: 101, message: 'File not found', data: null });
		const fetched = await fetchByRoot(root, network({ zerog: notFound, agent: file }));
		expect(fetched.source).toBe('agent');
	});

	it('takes changed bytes from nobody', async () => {
		const changed = () => new Response(bytes.map((byte, index) => (index === 3 ? byte ^ 1 : byte)));
		await expect(fetchByRoot(root, network({ zerog: changed, agent: changed }))).rejects.toMatchObject({
			code: 'file_not_found',
		});
	});

	it('stops reading an endless answer', async () => {
		let sent = 0;
		const endless = () =>
			new Response(
				new ReadableStream({
					pull(controller) {
						sent += 1 << 20;
						controller.enqueue(new Uint8Array(1 << 20));
					},
				}),
			);
		await expect(fetchByRoot(root, network({ zerog: endless, agent: missing }))).rejects.toThrow(
			'the most that a record or a snapshot has',
		);
		expect(sent).toBeLessThan(MAX_FILE_BYTES * 2);
	});
});
