import { createHash } from 'node:crypto';
import Ajv from 'ajv/dist/2020';
import { expose } from '../../../src/domain/endpoint/endpoint-content';
import { type ServerListing } from '../../../src/domain/endpoint/server-listing';
import { type ProfileRules } from '../../../src/domain/endpoint/profiles';
import { SEARCH_DEFINITIONS, searchCall } from '../../../src/gateway/endpoint/tool-search';
import { buildView } from '../../../src/gateway/endpoint/build-view';
import { type JsonObject } from '../../../src/base/json';

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

function listing(server: string, names: string[]): ServerListing {
  const tools = names.map((name) => ({
    ...{ name, description: `About ${name}`, inputSchema: { type: 'object' } },
    _meta: { big: 'x' },
  }));
  return {
    server,
    tools,
    blocked: new Set(),
    switchedOff: new Map(),
    toolsVersion: '',
    offerVersion: '',
  };
}

const LISTINGS = [listing('a', ['read', 'write', 'search_tools']), listing('b', ['read'])];

function viewOf(rules: Partial<ProfileRules> = {}) {
  const exposure = expose(LISTINGS, { servers: ['*'], search: true, ...rules }, digest);
  return buildView(exposure, { searches: rules.search !== false, instructions: undefined });
}

const search = (args: JsonObject, view = viewOf()) => {
  const answer = searchCall(view, 'search_tools', args);
  if (!answer || !('result' in answer)) throw new Error('it was no search');
  return answer.result;
};

it('lists only what is always listed, and calls everything', () => {
  const view = viewOf({ search: { always: ['a/read', 'b__*'] } });
  expect(view.tools.map(({ name }) => name)).toEqual(['a__read', 'b__read']);
  expect(view.allTools).toHaveLength(4);
  expect(view.tool('a__write')).toMatchObject({ server: 'a', tool: 'write' });
  expect(viewOf().tools).toEqual([]);
  expect(viewOf({ search: false }).tools).toHaveLength(4);
});

it('answers a search as its output schema says, with what is needed for a call', () => {
  const result = search({ query: 'write', limit: 1 });
  expect(result['structuredContent']).toEqual({
    tools: [{ name: 'a__write', description: 'About write', inputSchema: { type: 'object' } }],
    total: 4,
  });
  expect(result['content']).toEqual([
    { type: 'text', text: JSON.stringify(result['structuredContent']) },
  ]);
  const [definition] = SEARCH_DEFINITIONS;
  const schema = definition?.['outputSchema'] as object;
  expect(new Ajv({ strict: false }).validate(schema, result['structuredContent'])).toBe(true);
  expect(search({ query: 'nothing like it' })['structuredContent']).toEqual({
    tools: [],
    total: 4,
  });
});

test.each<[args: JsonObject, text: string]>([
  [{}, '"query" is missing'],
  [{ query: '  ' }, '"query" is missing'],
  [{ query: 3 }, '"query" is missing'],
  [{ query: 'x'.repeat(501) }, 'more than 500 characters'],
  [{ query: 'x', limit: 0 }, 'from 1 to 50'],
  [{ query: 'x', limit: 1.5 }, 'from 1 to 50'],
  [{ query: 'x', limit: '3' }, 'from 1 to 50'],
  [{ query: 'x', limt: 3 }, 'Unknown argument "limt"'],
])('says what is wrong with %j', (args, text) => {
  expect(search(args)).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining(text) as string }],
  });
});

describe('call_tool', () => {
  const call = (args: JsonObject) => searchCall(viewOf(), 'call_tool', args);

  it('means the call of another tool', () => {
    expect(call({ name: 'a__write', arguments: { x: 1 } })).toMatchObject({
      tool: { name: 'a__write', server: 'a', tool: 'write' },
      arguments: { x: 1 },
    });
    expect(call({ name: 'a__write' })).toMatchObject({ arguments: {} });
  });

  test.each<[args: JsonObject, text: string]>([
    [{}, '"name" is missing'],
    [{ name: 'a__write', arguments: [] }, '"arguments" must be an object'],
    [{ name: 'a__wirte' }, 'Did you mean "a__write"?'],
    [{ name: 'call_tool' }, 'There is no tool "call_tool"'],
    [{ name: 'constructor' }, 'There is no tool "constructor"'],
  ])('says what is wrong with %j', (args, text) => {
    expect(call(args)).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringContaining(text) as string }] },
    });
  });
});

it('is there only where clients search', () => {
  expect(searchCall(viewOf({ search: false }), 'search_tools', { query: 'x' })).toBeUndefined();
  expect(searchCall(viewOf(), 'a__read', {})).toBeUndefined();
});

it('keeps its names, also from a tool that a profile calls so', () => {
  const view = viewOf({ overrides: { 'a/read': { name: 'search_tools' } } });
  expect(view.tool('search_tools')).toBeUndefined();
  expect(view.allTools.find(({ server, tool }) => server === 'a' && tool === 'read')?.name).toMatch(
    /^search_tools_[0-9a-f]{8}$/,
  );
});
