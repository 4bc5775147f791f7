/**
 * RainbowKit's connect window, and nothing else of React. Loaded when a person reaches for the wallet: a visitor who never
 * connects never downloads it. All reads and writes are in `@wagmi/core`, so replacing the window touches this file only.
 */
import '@rainbow-me/rainbowkit/styles.css';
// RainbowKit's theme as a file (made by rk-theme.mjs): with theme={null} it emits no inline <style>, which the policy would refuse.
import './rk-theme.css';
import { type AvatarComponent, RainbowKitProvider, useConnectModal } from '@rainbow-me/rainbowkit';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { Config } from '@wagmi/core';
import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { WagmiContext } from 'wagmi';

// The default avatar is an emoji, which not every system can draw.
const Avatar: AvatarComponent = () => null;

function Bridge({ publish }: { publish: (open: (() => void) | undefined) => void }) {
	const { openConnectModal } = useConnectModal();
	useEffect(() => publish(openConnectModal));
	return null;
}

/**
 * Mounts the island once. WagmiProvider is not used on purpose: it would reconnect on its own and lose the connection that was
 * made outside of React; the context alone shares the configuration.
 *
 * @returns opens the connect window; does nothing while connected
 */
export async function mountConnectWindow(config: Config): Promise<() => void> {
	let open: (() => void) | undefined;
	const host = document.body.appendChild(document.createElement('div'));
	await new Promise<void>((ready) => {
		createRoot(host).render(
			<WagmiContext.Provider value={config}>
				<QueryClientProvider client={new QueryClient()}>
					<RainbowKitProvider theme={null} modalSize="compact" avatar={Avatar} appInfo={{ appName: 'Necto' }}>
						<Bridge
							publish={(opener) => {
								open = opener;
								ready();
							}}
						/>
					</RainbowKitProvider>
				</QueryClientProvider>
			</WagmiContext.Provider>,
		);
	});
	return () => open?.();
}
