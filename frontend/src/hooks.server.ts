import type { Handle } from '@sveltejs/kit/hooks';
import { withVerificationOrigins } from '#lib/server/policy.ts';
import { forward, noAddress } from '#lib/server/proxy.ts';
import { browserRpcUrl } from '#lib/server/runtime.ts';
import { upstreams } from '#lib/server/upstreams.ts';

const API = /^\/api\/([a-z]+)(\/.*)$/;

/** Everything that is not a page of ours is a service behind the same origin, so browsers need no CORS and the policy stays 'self'. */
export const handle: Handle = async ({ event, resolve }) => {
	const [, service = '', path = ''] = API.exec(event.url.pathname) ?? [];
	const upstream = upstreams[service];
	if (upstream !== undefined) {
		let client: string;
		try {
			client = event.getClientAddress();
		} catch {
			return noAddress();
		}
		return forward(upstream, event.request, path, client);
	}

	const response = await resolve(event);
	const policy = response.headers.get('content-security-policy');
	if (policy !== null) {
		response.headers.set('content-security-policy', withVerificationOrigins(policy, browserRpcUrl()));
	}
	response.headers.set('referrer-policy', 'no-referrer');
	response.headers.set('x-content-type-options', 'nosniff');
	return response;
};
