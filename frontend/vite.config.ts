import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

export default defineConfig({
	plugins: [
		tailwindcss(),
		sveltekit({
			adapter: adapter(),
			compilerOptions: {
				// Everything of ours uses runes; packages decide for themselves.
				runes: ({ filename }) => (filename.includes('node_modules') ? undefined : true),
			},
			csp: {
				mode: 'nonce',
				// connect-src also gets the sources of token prices and the chain's RPC, which is known only at run time: see hooks.server.ts.
				directives: {
					'default-src': ['none'],
					'script-src': ['self'],
					'style-src': ['self'],
					// The one style attribute in markup: SvelteKit's route announcer. Its rules are in app.css as well.
					'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
					'img-src': ['self', 'data:', 'blob:'],
					'font-src': ['self'],
					'connect-src': ['self'],
					'worker-src': ['self'],
					'manifest-src': ['self'],
					'base-uri': ['none'],
					'form-action': ['self'],
					'frame-ancestors': ['none'],
				},
			},
		}),
	],
	// The worker that verifies shares code with the page, which needs modules.
	worker: { format: 'es' },
	build: {
		// Nothing inlined as data: the policy lets fonts come from files only.
		assetsInlineLimit: 0,
		rolldownOptions: {
			// The wallet packages carry about sixty "use client" lines that mean nothing here; the rest is worth reading.
			onLog: (level, log, report) => {
				if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
			},
		},
	},
});
