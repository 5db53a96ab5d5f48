import { classOfAddress, farthest, mayReach } from '../../src/net/address-class';

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
  ['64:ff9b::a9fe:a9fe', 'link-local'],
  ['64:ff9b::7f00:1', 'loopback'],
  ['64:ff9b::', 'loopback'],
  ['64:ff9b::1', 'loopback'],
  ['64:ff9b::8.8.8.8', 'public'],
  ['64:ff9b:1::8.8.8.8', 'private'],
  ['::127.0.0.1', 'private'],
  ['0.1.2.3', 'loopback'],
  ['255.255.255.255', 'private'],
  ['2002:7f00:1::', 'private'],
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

test.each([
  ['http://2130706433/', '127.0.0.1'],
  ['http://0x7f.1/', '127.0.0.1'],
  ['http://0177.0.0.1/', '127.0.0.1'],
  ['http://0xa9fea9fe/', '169.254.169.254'],
  ['http://127.1/', '127.0.0.1'],
  ['http://0/', '0.0.0.0'],
  ['http://①②⑦.0.0.1/', '127.0.0.1'],
])('%s is written as %s before it is classed', (url, expected) => {
  expect(new URL(url).hostname).toBe(expected);
});
