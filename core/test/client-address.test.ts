import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientAddress, isAddressInside, isAddressRange } from '../src/index.ts';

const PROXY = '127.0.0.1';
const TRUSTED = ['127.0.0.0/8', '::1', '10.1.0.0/16', 'fd00::/8'];

describe('SYS-05 the client behind proxies', () => {
	test('visitors behind one trusted proxy are different clients', () => {
		expect(clientAddress(PROXY, '203.0.113.7', TRUSTED)).toBe('203.0.113.7');
		expect(clientAddress(PROXY, '203.0.113.8', TRUSTED)).toBe('203.0.113.8');
		expect(clientAddress('::1', '203.0.113.8', TRUSTED)).toBe('203.0.113.8');
		expect(clientAddress('::ffff:127.0.0.1', '203.0.113.8', TRUSTED)).toBe('203.0.113.8');
	});

	test('a header from a peer that is not trusted does not count', () => {
		expect(clientAddress('198.51.100.1', '203.0.113.7', TRUSTED)).toBe('198.51.100.1');
		expect(clientAddress(PROXY, '203.0.113.7', [])).toBe(PROXY);
	});

	test('what a client wrote into the header itself does not count', () => {
		expect(clientAddress(PROXY, '1.2.3.4, 203.0.113.7', TRUSTED)).toBe('203.0.113.7');
		expect(clientAddress(PROXY, '127.0.0.1, 203.0.113.7', TRUSTED)).toBe('203.0.113.7');
	});

	test('trusted proxies in a row are passed over', () => {
		expect(clientAddress(PROXY, '1.2.3.4, 203.0.113.7,10.1.2.3 , fd00::1', TRUSTED)).toBe('203.0.113.7');
		expect(clientAddress(PROXY, '10.1.9.9, 10.1.2.3', TRUSTED)).toBe('10.1.9.9');
	});

	test.each([
		['', PROXY],
		['unknown', PROXY],
		['203.0.113.7, unknown', PROXY],
		['203.0.113.7, unknown, 10.1.2.3', '10.1.2.3'],
		['203.0.113.7,', PROXY],
		['203.0.113.256', PROXY],
		['127.1', PROXY],
		['0xcb007107', PROXY],
		['203.0.113.07', PROXY],
		['for=203.0.113.7', PROXY],
		['2001:db8::1::2', PROXY],
		['[203.0.113.7]', PROXY],
	])('garbage ends the chain at the proxy that passed it on: %j', (header, client) => {
		expect(clientAddress(PROXY, header, TRUSTED)).toBe(client);
	});

	test.each([
		['203.0.113.7:5000', '203.0.113.7'],
		['[2001:db8:1:2:3:4:5:6]:443', '2001:db8:1:2::/64'],
		['[2001:db8:1:2:3:4:5:6]', '2001:db8:1:2::/64'],
		['2001:DB8:1:2:ffff::', '2001:db8:1:2::/64'],
		['fe80::1%eth0', 'fe80::/64'],
		['::ffff:203.0.113.7', '203.0.113.7'],
		['::ffff:cb00:7107', '203.0.113.7'],
	])('%s counts as %s', (header, client) => {
		expect(clientAddress(PROXY, header, TRUSTED)).toBe(client);
	});

	test('without a peer it is the process itself, whatever the header says', () => {
		expect(clientAddress(undefined, '203.0.113.7', TRUSTED)).toBe('local');
	});

	test('a peer that cannot be read is one client', () => {
		expect(clientAddress('/run/agent.sock', '203.0.113.7', TRUSTED)).toBe('unknown');
	});

	test('ranges of IPv4 in IPv6 are those of IPv4', () => {
		expect(clientAddress('10.9.9.9', '203.0.113.7', ['::ffff:10.0.0.0/104'])).toBe('203.0.113.7');
		expect(clientAddress('11.9.9.9', '203.0.113.7', ['::ffff:10.0.0.0/104'])).toBe('11.9.9.9');
	});

	test.each([
		['127.9.9.9', true],
		['::1', true],
		['::ffff:10.1.2.3', true],
		['10.2.0.1', false],
		['::2', false],
		['nobody', false],
	])('%s is a trusted proxy: %s', (address, inside) => {
		expect(isAddressInside(address, TRUSTED)).toBe(inside);
	});

	test.each([
		['127.0.0.1', true],
		['::1', true],
		['10.0.0.0/8', true],
		['fd00::/8', true],
		['0.0.0.0/0', true],
		['10.0.0.0/33', false],
		['fd00::/129', false],
		['10.0.0.0/', false],
		['10.0.0.0/8/8', false],
		['::ffff:10.0.0.0/8', false],
		['10.0.0.0/-1', false],
		['proxy.internal', false],
		['', false],
	])('%j as a setting is taken: %s', (text, taken) => {
		expect(isAddressRange(text)).toBe(taken);
	});
});

const byte = fc.integer({ min: 0, max: 255 });
const part = fc.integer({ min: 0, max: 0xffff });
const ipv4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'));
const ipv6 = fc
	.array(part, { minLength: 8, maxLength: 8 })
	.map((parts) => parts.map((each) => each.toString(16)).join(':'));
const garbage = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), ipv4, ipv6, fc.constant(PROXY));
/** Whatever somebody sends: parts that look like addresses and parts that do not. */
const anyHeader = fc.array(garbage, { maxLength: 60 }).map((parts) => parts.join(','));
const NAME = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{2,39}\/64|local|unknown)$/;

describe('SYS-05 properties of a client’s name', () => {
	test('it is short and has one of four shapes, whatever is sent', () => {
		fc.assert(
			fc.property(fc.option(garbage, { nil: undefined }), fc.option(anyHeader, { nil: undefined }), (peer, header) => {
				expect(clientAddress(peer, header, TRUSTED)).toMatch(NAME);
			}),
		);
	});

	test('nothing left of an address that is not trusted changes it', () => {
		const outside = ipv4.filter((text) => !/^(?:127|10\.1)\./.test(text));
		fc.assert(
			fc.property(anyHeader, outside, (invented, client) => {
				expect(clientAddress(PROXY, `${invented},${client}`, TRUSTED)).toBe(client);
			}),
		);
	});

	test('without trust in the peer the header changes nothing', () => {
		fc.assert(
			fc.property(fc.oneof(ipv4, ipv6), anyHeader, (peer, header) => {
				expect(clientAddress(peer, header, [])).toBe(clientAddress(peer, undefined, TRUSTED));
			}),
		);
	});

	test('addresses of one /64 are one client, those of two are two', () => {
		const half = fc.array(part, { minLength: 4, maxLength: 4 });
		const text = (parts: number[]) => parts.map((each) => each.toString(16)).join(':');
		// The network of the IPv4-mapped addresses is none of a customer.
		const network = half.filter((parts) => parts.some((each) => each !== 0));
		fc.assert(
			fc.property(network, network, half, half, (one, two, a, b) => {
				const [first, second] = [`${text(one)}:${text(a)}`, `${text(two)}:${text(b)}`];
				expect(clientAddress(first, undefined, [])).toBe(clientAddress(`${text(one)}:${text(b)}`, undefined, []));
				expect(clientAddress(first, undefined, []) === clientAddress(second, undefined, [])).toBe(
					text(one) === text(two),
				);
			}),
		);
	});

	test('a mapped IPv4 address is the IPv4 address, as peer, in the header and as trusted', () => {
		fc.assert(
			fc.property(ipv4, ipv4, (peer, client) => {
				const expected = clientAddress(peer, client, [peer]);
				expect(clientAddress(`::ffff:${peer}`, `::ffff:${client}`, [peer])).toBe(expected);
				expect(clientAddress(peer, client, [`::ffff:${peer}`])).toBe(expected);
				expect(expected).toBe(client);
			}),
		);
	});
});
