import { BlockList, isIPv4 } from 'node:net';

/** Distance of an address: what a public server names must be public too. */
export type AddressClass = 'public' | 'private' | 'loopback' | 'link-local';

const LOOPBACK = blockList(['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128']);
/** Link-local ranges, among them the metadata services of clouds. */
const LINK_LOCAL = blockList(['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::/32']);
/** Private and shared networks, and ranges that IANA keeps for special purposes. */
const PRIVATE = blockList([
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['fc00::/7', 'fec0::/10', 'ff00::/8', '100::/64', '2001:db8::/32', '2002::/16', '2001::/23'],
  ...['64:ff9b:1::/48', '::/96'],
]);
/** Translated IPv4 addresses (RFC 6052): the address that they reach is in the last 32 bits. */
const NAT64 = blockList(['64:ff9b::/96']);

/**
 * @param address - an IP address without brackets; an IPv4 address in IPv6's notation (`::ffff:10.0.0.1`), or behind NAT64
 *   (`64:ff9b::10.0.0.1`), is that IPv4 address
 */
export function classOfAddress(address: string): AddressClass {
  const plain = address.replace(/%.*$/, '');
  const family = isIPv4(plain) ? 'ipv4' : 'ipv6';
  if (NAT64.check(plain, family)) return classOfAddress(lastFourBytes(plain));
  if (LOOPBACK.check(plain, family)) return 'loopback';
  if (LINK_LOCAL.check(plain, family)) return 'link-local';
  return PRIVATE.check(plain, family) ? 'private' : 'public';
}

/** Whether an address of class `to`, named by a server at `from`, may be requested. */
export function mayReach(from: AddressClass, to: AddressClass): boolean {
  if (from === to || to === 'public') return true;
  return from === 'loopback' && to === 'private';
}

/** Returns the class that may reach the least, of all addresses of a host. */
export function farthest(classes: readonly AddressClass[]): AddressClass {
  const order: AddressClass[] = ['public', 'private', 'link-local', 'loopback'];
  return order.find((candidate) => classes.includes(candidate)) ?? 'public';
}

/** Returns the last four bytes in IPv4 notation. */
function lastFourBytes(ipv6: string): string {
  // As URLs write it: hexadecimal, with zeros left out.
  const { hostname } = new URL(`http://[${ipv6}]`);
  const groups = hostname.slice(1, -1).split(':').slice(-2);
  const bytes = groups.flatMap((group) => {
    const value = Number.parseInt(group || '0', 16);
    return [value >> 8, value & 0xff];
  });
  return bytes.join('.');
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    list.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}
