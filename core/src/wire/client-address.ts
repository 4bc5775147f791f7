/**
 * Which client a request comes from when it may have passed through reverse proxies. The agent, the indexer and the web server count requests by it, so it
 * must be neither forgeable by a client nor of unbounded length.
 */
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [address: Address, bits: number];

/** What a request without a connection counts as: one made inside the process. */
const IN_PROCESS = 'local';
/** What a peer counts as whose address cannot be read: one client, however many there are. */
const UNREADABLE = 'unknown';
/** The longest IPv6 address has 45 characters; brackets, a port and a zone come on top. */
const MAX_CHARACTERS = 100;
/** More proxies than this in a row are a mistake or an attack. */
const MAX_HOPS = 32;
/** One IPv6 customer usually holds a whole /64, so its addresses count as one client. */
const IPV6_CLIENT_BITS = 64;

/**
 * The name under which the client of a request is counted: an IPv4 address (`203.0.113.7`), an IPv6 network of 64 bits (`2001:db8:1:2::/64`), or `local` without a
 * peer. At most 45 characters, whatever the header holds.
 *
 * The header is a chain as in `X-Forwarded-For`: each proxy appends the address that it was called from. It counts only if the peer itself is trusted, and is read
 * from the right: the first address that is not trusted is the client, since everything left of it may have been invented by that client. Something that is not an
 * address ends the chain at the proxy that passed it on. If all are trusted, the client is the leftmost of them.
 *
 * @param peer address of the other end of the connection; undefined for a call inside the process
 * @param header value of the header that the trusted proxies set; undefined if it is missing
 * @param trusted addresses and CIDR ranges of the proxies; entries that are neither (see `isAddressRange`) trust nobody
 */
export function clientAddress(
	peer: string | undefined,
	header: string | undefined,
	trusted: readonly string[],
): string {
	if (peer === undefined) return IN_PROCESS;
	let client = parseAddress(peer);
	if (client === null) return UNREADABLE;
	const ranges = trusted.map(parseRange).filter((range) => range !== null);
	let rest = header;
	for (let hop = 0; hop < MAX_HOPS && rest !== undefined && isInside(client, ranges); hop++) {
		const comma: number = rest.lastIndexOf(',');
		const next = parseAddress(rest.slice(comma + 1));
		if (next === null) break;
		client = next;
		rest = comma === -1 ? undefined : rest.slice(0, comma);
	}
	return nameOf(client);
}

/** Whether an address is one of these addresses or inside one of these CIDR ranges. */
export function isAddressInside(address: string, ranges: readonly string[]): boolean {
	const parsed = parseAddress(address);
	return (
		parsed !== null &&
		isInside(
			parsed,
			ranges.map(parseRange).filter((range) => range !== null),
		)
	);
}

/** Whether a text is an address (`127.0.0.1`, `::1`) or a range in CIDR notation (`10.0.0.0/8`, `fd00::/8`), as `clientAddress` takes them. */
export function isAddressRange(text: string): boolean {
	return parseRange(text) !== null;
}

function nameOf(address: Address): string {
	if (address instanceof ipaddr.IPv4) return address.toString();
	const network = address.parts.map((part, index) => (index < IPV6_CLIENT_BITS / 16 ? part : 0));
	// Built from the numbers, so that no zone (`%eth0`) becomes part of the name.
	return `${new ipaddr.IPv6(network).toRFC5952String()}/${IPV6_CLIENT_BITS}`;
}

function isInside(address: Address, ranges: readonly Range[]): boolean {
	return ranges.some((range) => range[0].kind() === address.kind() && address.match(range));
}

/** An address with or without a port, as some proxies append it: `203.0.113.7:5000`, `[2001:db8::1]:443`. Null for anything else. */
function parseAddress(text: string): Address | null {
	if (text.length > MAX_CHARACTERS) return null;
	const bare = text.trim();
	const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(bare)?.[1];
	const withoutPort = bracketed ?? /^([\d.]+):\d{1,5}$/.exec(bare)?.[1] ?? bare;
	// Four decimal numbers only: `127.1` and `0x7f000001` are addresses to C, and names of something else to everybody else.
	if (bracketed === undefined && ipaddr.IPv4.isValidFourPartDecimal(withoutPort)) return ipaddr.IPv4.parse(withoutPort);
	if (!ipaddr.IPv6.isValid(withoutPort)) return null;
	const address = ipaddr.IPv6.parse(withoutPort);
	return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function parseRange(text: string): Range | null {
	const [, start = '', given] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
	const address = parseAddress(start);
	if (address === null) return null;
	const most = address instanceof ipaddr.IPv4 ? 32 : 128;
	if (given === undefined) return [address, most];
	// `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
	const mapped = most === 32 && start.includes(':') ? 96 : 0;
	const bits = Number(given) - mapped;
	return bits >= 0 && bits <= most ? [address, bits] : null;
}
