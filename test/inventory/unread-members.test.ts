import { unreadMembers } from '../../src/inventory/unread-members';

test.each<[document: unknown, said: string | undefined]>([
  [{ mcpServers: {}, inputs: [], $schema: 'x' }, undefined],
  [{ mcpServers: {}, theme: 'dark' }, 'not read: theme'],
  [{ profiles: {}, alrts: [] }, 'not read: alrts (did you mean "alerts"?)'],
  [{ servers: {}, theme: 'of an editor' }, undefined],
  [[], undefined],
])('%j', (document, said) => {
  expect(unreadMembers(document)).toBe(said);
});

test('of many it names a few, and counts the others', () => {
  const settings = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`key${index}`, 1]),
  );
  expect(unreadMembers({ mcpServers: {}, ...settings })).toBe(
    'not read: key0, key1, key2, key3, key4, key5, key6, key7 and 92 more',
  );
});
