import { classOfAddress, farthest, mayReach } from '../../src/oauth/address-class';

test.each([
  ['93.184.216.34', 'public'],
  ['2606:2800:220:1::1', 'public'],
  ['127.0.0.1', 'loopback'],
  ['127.8.8.8', 'loopback'],
  ['0.0.0.0', 'loopback'],
  ['::1', 'loopback'],
  ['::', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['10.1.2.3', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.1.1', 'private'],
  ['100.100.100.200', 'private'],
  ['fd12::1', 'private'],
  ['::ffff:10.0.0.1', 'private'],
  ['64:ff9b::10.0.0.1', 'private'],
  ['224.0.0.1', 'private'],
  ['169.254.169.254', 'link-local'],
  ['::ffff:169.254.169.254', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['fd00:ec2::254', 'link-local'],
])('%s is %s', (address, expected) => {
  expect(classOfAddress(address)).toBe(expected);
});

test.each([
  ['public', 'public', true],
  ['public', 'private', false],
  ['public', 'loopback', false],
  ['public', 'link-local', false],
  ['private', 'public', true],
  ['private', 'private', true],
  ['private', 'loopback', false],
  ['loopback', 'private', true],
  ['loopback', 'public', true],
  ['loopback', 'link-local', false],
] as const)('from a %s server to a %s address: %s', (from, to, expected) => {
  expect(mayReach(from, to)).toBe(expected);
});

test('a name with public and private addresses counts as public', () => {
  expect(farthest(['private', 'public'])).toBe('public');
  expect(farthest([])).toBe('public');
});
