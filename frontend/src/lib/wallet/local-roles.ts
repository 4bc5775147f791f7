import type { LocalRole } from './local-accounts.ts';

/** The demo accounts as the picker shows them. */
export const localRoles: readonly { role: LocalRole; name: string; about: string }[] = [
	{ role: 'buyer', name: 'Buyer', about: 'Has test USDC and a team; asks for compute.' },
	{ role: 'teammate', name: 'Teammate', about: "Another member of the buyer's team." },
	{ role: 'providerA', name: 'Provider A', about: 'Runs a demo data centre and gets paid.' },
	{ role: 'providerB', name: 'Provider B', about: 'Runs another, with other prices.' },
	{ role: 'providerC', name: 'Provider C', about: 'The third one.' },
];
