/**
 * Preloaded into the agent by the kill tests: ends the process at one point, as a power cut would. CRASH_POINT names the point. The product
 * knows nothing of this.
 */
import pg from 'pg';

const point = process.env.CRASH_POINT ?? '';
const [kind = '', when = '', pattern = '', delay = '0'] = point.split('|');
const wanted = new RegExp(pattern);

function die(): void {
	process.kill(process.pid, 'SIGKILL');
}

if (kind === 'sql') {
	// The prototype's method has many overloads; here it is only passed through.
	const prototype = pg.Client.prototype as unknown as { query: (...args: unknown[]) => unknown };
	const original = prototype.query;
	prototype.query = function query(this: unknown, ...args: unknown[]): unknown {
		const text = JSON.stringify(args.slice(0, 2), (_, value: unknown) =>
			typeof value === 'bigint' ? String(value) : value,
		);
		const hit = wanted.test(text);
		if (hit && when === 'before') die();
		const result = original.apply(this, args);
		if (hit && when === 'after') {
			const later = () => setTimeout(die, Number(delay));
			if (result instanceof Promise) result.then(later, later);
			else later();
		}
		return result;
	};
}

if (kind === 'rpc') {
	const original = globalThis.fetch;
	globalThis.fetch = async (input, init) => {
		const hit = typeof init?.body === 'string' && wanted.test(init.body);
		if (hit && when === 'before') die();
		const response = await original(input, init);
		if (hit && when === 'after') die();
		return response;
	};
}
