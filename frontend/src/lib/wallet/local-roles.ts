import type { LocalRole } from './local-accounts.ts';

/** The demo accounts as the picker shows them. */
export const localRoles: readonly { role: LocalRole; name: string; about: string }[] = [
	{ role: 'buyer', name: 'Buyer', about: 'Has test USDC and a team, and asks for compute.' },
	{ role: 'teammate', name: 'Teammate', about: "Another member of the buyer's team." },
	{ role: 'providerA', name: 'Provider A', about: 'Owns Nordlicht Compute (demo): its own hardware.' },
	{ role: 'providerB', name: 'Provider B', about: 'Owns Prairie GPU Works (demo): its own hardware.' },
	{ role: 'providerC', name: 'Provider C', about: 'Owns Meridian Bridge (demo): sells on another network.' },
];
