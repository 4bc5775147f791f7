import type { Page } from 'playwright-core';

/** What the injected provider needs; it is sent into the page as JSON. */
interface WalletOptions {
	readonly rpc: string;
	readonly chainId: number;
	readonly account: string;
}

/**
 * Gives the page a wallet: an EIP-1193 provider announced through EIP-6963, as a browser extension would, whose one account is unlocked
 * on the local chain. It asks nothing; a test that wants a refusal sets `window.walletRejects` to a list of methods.
 */
export async function injectWallet(page: Page, options: WalletOptions): Promise<void> {
	await page.addInitScript(announceWallet, options);
}

function announceWallet({ rpc, chainId, account }: WalletOptions): void {
	const authorizedKey = 'test-wallet.authorized';
	const listeners = new Map<string, Set<(payload: unknown) => void>>();
	const emit = (event: string, payload: unknown) => {
		for (const listener of listeners.get(event) ?? []) listener(payload);
	};
	let chain = chainId;
	let id = 0;

	async function forward(method: string, params: unknown): Promise<unknown> {
		const response = await fetch(rpc, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }),
		});
		const answer = await response.json();
		if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
		return answer.result;
	}

	const provider = {
		async request({ method, params = [] }: { method: string; params?: unknown }): Promise<unknown> {
			const rejects: unknown = Reflect.get(window, 'walletRejects');
			if (Array.isArray(rejects) && rejects.includes(method)) {
				throw Object.assign(new Error('User rejected the request.'), { code: 4001 });
			}
			switch (method) {
				case 'eth_requestAccounts':
					localStorage.setItem(authorizedKey, '1');
					return [account];
				case 'wallet_requestPermissions':
					localStorage.setItem(authorizedKey, '1');
					return [
						{ parentCapability: 'eth_accounts', caveats: [{ type: 'restrictReturnedAccounts', value: [account] }] },
					];
				case 'eth_accounts':
					return localStorage.getItem(authorizedKey) ? [account] : [];
				case 'eth_chainId':
					return `0x${chain.toString(16)}`;
				case 'wallet_switchEthereumChain': {
					const wanted = Array.isArray(params) ? params[0]?.chainId : undefined;
					chain = Number.parseInt(wanted, 16);
					setTimeout(() => emit('chainChanged', wanted));
					return null;
				}
				case 'wallet_revokePermissions':
					localStorage.removeItem(authorizedKey);
					return null;
				default:
					return forward(method, params);
			}
		},
		on(event: string, listener: (payload: unknown) => void): void {
			const known = listeners.get(event) ?? new Set();
			listeners.set(event, known.add(listener));
		},
		removeListener(event: string, listener: (payload: unknown) => void): void {
			listeners.get(event)?.delete(listener);
		},
	};

	const icon = `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96"><rect width="96" height="96" fill="#1e293b"/></svg>`;
	const detail = Object.freeze({
		info: {
			uuid: '0b8e2f5c-6f0e-4a7a-9a53-2f3f5d1c9e10',
			name: 'Test Wallet',
			rdns: 'test.necto.wallet',
			icon: `data:image/svg+xml,${encodeURIComponent(icon)}`,
		},
		provider,
	});
	const announce = () => window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }));
	window.addEventListener('eip6963:requestProvider', announce);
	announce();
}
