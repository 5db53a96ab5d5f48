import { type LocatedJson, parseLocatedJson } from '../../../src/inventory/config/located-json';
import { unreadMembers } from '../../../src/inventory/config/unread-members';

function locatedIn(document: unknown): LocatedJson {
  const located = parseLocatedJson(JSON.stringify(document));
  if ('problem' in located) throw new Error(located.problem.message);
  return located;
}

test.each<[document: unknown, said: string | undefined]>([
  [{ mcpServers: {}, inputs: [], $schema: 'x' }, undefined],
  [{ mcpServers: {}, theme: 'dark' }, 'ignored: theme'],
  [{ profiles: {}, alrts: [] }, 'ignored: alrts (did you mean "alerts"?)'],
  [{ servers: {}, theme: 'of an editor' }, undefined],
  [[], undefined],
])('%j', (document, said) => {
  const line = 1;
  const expected = said === undefined ? [] : [{ line, text: said }];
  expect(unreadMembers(locatedIn(document))).toEqual(expected);
});

test('lists some of many names and counts the others', () => {
  const settings = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`key${index}`, 1]),
  );
  const document = locatedIn({ mcpServers: {}, ...settings });
  expect(unreadMembers(document)).toMatchObject([
    { text: 'ignored: key0, key1, key2, key3, key4, key5, key6, key7 and 92 more' },
  ]);
});
