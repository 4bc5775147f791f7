// Writes rk-theme.css: RainbowKit's theme in Necto's colours as a static file. Run it by hand after an update of RainbowKit.
import { writeFileSync } from 'node:fs';
import { cssStringFromTheme, darkTheme } from '@rainbow-me/rainbowkit';

const base = darkTheme({
	accentColor: '#60a5fa', // blue-400: blue-600 fails as text on the window
	accentColorForeground: '#020617',
	overlayBlur: 'none',
	fontStack: 'system',
});
const theme = {
	...base,
	colors: {
		...base.colors,
		modalBackground: '#0f172a',
		modalBorder: '#1e293b',
		generalBorder: '#1e293b',
		menuItemBackground: '#1e293b',
	},
};
writeFileSync(new URL('rk-theme.css', import.meta.url), `[data-rk]{${cssStringFromTheme(theme)}}\n`);
