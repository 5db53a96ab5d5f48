import {
  isOurs,
  matchesPattern,
  unwrapUri,
  uriPattern,
  wrapTemplate,
  wrapUri,
} from '../../../src/domain/endpoint/exposed-uris';

test.each([
  'file:///etc/hosts',
  'file:///a%20b/../c?d=e#f',
  'mainspring://other/file%3A%2F%2F%2Fx',
  'note://日本/🙂',
  'x:',
  'no-scheme',
])('wraps %s and gets it back', (original) => {
  const uri = wrapUri('my-server', original);
  expect(uri).toMatch(/^mainspring:\/\/my-server\/[A-Za-z0-9%._~!'()*-]+$/);
  expect(new URL(uri).href).toBe(uri); // no client changes it
  expect(unwrapUri(uri)).toEqual({ server: 'my-server', original });
});

it('wraps a template so that it expands to what the server expects', () => {
  const template = wrapTemplate('files', 'file:///{+path}');
  const expanded = template.replace('{+path}', 'a%20b/c');
  expect(unwrapUri(expanded)).toEqual({ server: 'files', original: 'file:///a%20b/c' });
});

test.each(['file:///x', 'mainspring://', 'mainspring://a', 'mainspring://a/', 'mainspring:///x'])(
  'does not unwrap %s',
  (uri) => expect(unwrapUri(uri)).toBeUndefined(),
);

it('does not unwrap wrongly encoded URIs, and survives lone surrogates', () => {
  expect(unwrapUri('mainspring://a/%zz')).toBeUndefined();
  expect(unwrapUri(wrapUri('a', 'x:\ud800'))).toEqual({ server: 'a', original: 'x:\ufffd' });
});

it('knows its own scheme in any case', () => {
  expect(isOurs('MAINSPRING://a/b')).toBe(true);
  expect(isOurs('mainspring2://a/b')).toBe(false);
});

test.each<[template: string, uri: string, matches: boolean]>([
  ['file:///{path}', 'file:///a', true],
  ['file:///{path}', 'file:///a/b', false],
  ['file:///{+path}', 'file:///a/b?c#d', true],
  ['db://{table}/rows/{id}', 'db://users/rows/7', true],
  ['db://{table}/rows/{id}', 'db://users/row/7', false],
  ['db://x{?limit,offset}', 'db://x?limit=3&offset=4', true],
  ['db://x{?limit,offset}', 'db://x', true],
  ['db://x{/parts*}', 'db://x/a/b', true],
  ['db://x{#part}', 'db://x#y', true],
  ['db://x{.ext}', 'db://x.json', true],
  ['db://x.y', 'db://xzy', false],
  ['{+uri}', 'anything at all', true],
  ['db://{open', 'db://{open', true],
])('%s and %s: %s', (template, uri, matches) => {
  expect(matchesPattern(uri, uriPattern(template))).toBe(matches);
});

it('matches hostile templates in time that grows with their length only', () => {
  const pattern = uriPattern(`x:${'{+a}b'.repeat(200)}c`);
  expect(matchesPattern(`x:${'b'.repeat(2_000)}`, pattern)).toBe(false);
});
