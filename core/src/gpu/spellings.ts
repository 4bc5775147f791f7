import type { Row } from './catalogue/row.ts';

/** Letters and digits only, in lower case: what two spellings of one name have in common. */
export function compact(text: string): string {
	return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** With `RTX` and `GTX`, and without where that leaves four digits and more to tell: `3090ti`. A bare `1060` could be anything. */
function withoutSeries(name: string): string[] {
	const [, series = '', rest = ''] = /^(rtx|gtx)(\d.*)$/.exec(name) ?? [];
	if (rest === '') return [name];
	return series === 'rtx' || /[a-z]/.test(rest) ? [name, rest] : [name];
}

/** How sellers write the three editions of RTX PRO cards: they are three cards, and each one is the same card whoever sells it. */
const EDITIONS: Readonly<Record<string, readonly string[]>> = {
	'': ['', 'workstation', 'ws', 'we', 'wk'],
	s: ['server', 'se', 'bse', 's'],
	mq: ['maxq', 'mq', 'maxqworkstation'],
};

function ofEdition(number: string, edition: string): string[] {
	const lines = [
		`rtxpro${number}`,
		`pro${number}`,
		`rtx${number}pro`,
		`rtxpro${number}blackwell`,
		`pro${number}blackwell`,
		`rtx${number}problackwell`,
		`rtx${number}blackwell`,
		`rtxblackwellpro${number}`,
		`rtxproblackwell${number}`,
	];
	const words = EDITIONS[edition] ?? [];
	const between = words.filter((word) => word.length > 2);
	return [
		...lines.flatMap((line) => words.map((word) => line + word)),
		...between.flatMap((word) => [
			`rtxpro${number}${word}blackwell`,
			`rtxpro${word}${number}`,
			`rtxpro${word}${number}blackwell`,
		]),
	];
}

/** Spellings that follow from how a line of cards is named, so that no row has to list them. */
function ruled(key: string, name: string): string[] {
	const plain = compact(name);
	const [, laptop] = /^(.*)laptop$/.exec(plain) ?? [];
	if (laptop !== undefined) {
		const bases = laptop.endsWith('super') ? [laptop, laptop.replace('super', 's')] : [laptop];
		return bases.flatMap((base) => ['laptop', 'mobile', 'm'].map((word) => base + word)).flatMap(withoutSeries);
	}
	const [, base] = /^(.*)super$/.exec(plain) ?? [];
	if (base !== undefined) {
		// "4070 Ti SUPER", "4070 SUPER Ti", "4070S Ti".
		const turned = base.endsWith('ti') ? [base.replace(/ti$/, 'superti'), base.replace(/ti$/, 'sti')] : [];
		return [plain, `${base}s`, ...turned].flatMap(withoutSeries);
	}
	const [, ada] = /^rtx(\d{4})ada$/.exec(key) ?? [];
	if (ada !== undefined) return [`${ada}ada`, `rtxa${ada}ada`, `rtxada${ada}`, `ada${ada}`];
	const [, pro = '', edition = ''] = /^rtxpro(\d{4})(s|mq)?$/.exec(key) ?? [];
	if (pro !== '') return ofEdition(pro, edition);
	const [, ampere] = /^rtx(a\d{4})$/.exec(key) ?? [];
	if (ampere !== undefined) return [ampere, `quadrortx${ampere}`];
	const [, quadro] = /^quadro([a-z]+\d{3,4})$/.exec(key) ?? [];
	if (quadro !== undefined && !quadro.startsWith('rtx')) return [quadro];
	const [, turing] = /^quadrortx(\d{4})$/.exec(key) ?? [];
	if (turing !== undefined) return [`qrtx${turing}`];
	return withoutSeries(plain);
}

/** Every spelling of a model but its key. */
export function spellingsOf([key, name, , aliases = '']: Row): string[] {
	const all = [compact(name), ...ruled(key, name), ...aliases.split(' ')];
	return [...new Set(all)].filter((alias) => alias !== '' && alias !== key);
}
