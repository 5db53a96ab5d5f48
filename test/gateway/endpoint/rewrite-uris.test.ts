import { rewriteUris } from '../../../src/gateway/endpoint/rewrite-uris';
import { type JsonObject } from '../../../src/base/json';

const view = {
  expose: (server: string, uri: string) => (uri === 'own:x' ? uri : `${server}!${uri}`),
};
const link = (uri: string) => ({ type: 'resource_link', uri, name: 'x', _meta: { uri } });
const embedded = (uri: string) => ({ type: 'resource', resource: { uri, text: uri, odd: 1 } });

it('rewrites links and embedded resources, and nothing else', () => {
  const result = {
    content: [{ type: 'text', text: 'a:1', uri: 'a:1' }, link('a:1'), embedded('a:1'), 'odd', null],
    structuredContent: { uri: 'a:1' },
    resultType: 'complete',
  };
  expect(rewriteUris(result, view, 's')).toEqual({
    ...result,
    content: [
      result.content[0],
      { ...link('a:1'), uri: 's!a:1' },
      { type: 'resource', resource: { uri: 's!a:1', text: 'a:1', odd: 1 } },
      ...['odd', null],
    ],
  });
});

it('rewrites the contents of a resource and the messages of a prompt', () => {
  expect(rewriteUris({ contents: [{ uri: 'a:1', blob: '' }] }, view, 's')).toEqual({
    contents: [{ uri: 's!a:1', blob: '' }],
  });
  const messages = [
    { role: 'user', content: link('a:1') },
    { role: 'user', content: [embedded('a:1')] },
  ];
  expect(rewriteUris({ messages }, view, 's')).toMatchObject({
    messages: [{ content: { uri: 's!a:1' } }, { content: [{ resource: { uri: 's!a:1' } }] }],
  });
});

test.each<JsonObject>([
  { content: [link('own:x'), embedded('own:x'), { type: 'text', text: 'a' }] },
  { content: 'odd', contents: null, messages: [3] },
  {
    content: [
      { type: 'resource', resource: [] },
      { type: 'resource_link', uri: 3 },
    ],
  },
  {},
])('passes on the very same object when nothing changes: %j', (result) => {
  expect(rewriteUris(result, view, 's')).toBe(result);
});
