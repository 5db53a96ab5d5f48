import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestHost, fixture, stdioSpec, type TestHost } from '../harness';
import { type JsonObject } from '../../../src/base/json';
import { MAX_INSPECTED_ITEMS } from '../../../src/mcp/lists/listing';

const object = { type: 'object' };
const first = { name: 'first', inputSchema: object };
const last = { name: 'last', inputSchema: { ...object, properties: { text: { type: 'string' } } } };

let host: TestHost;
beforeEach(() => (host = createTestHost()));
afterEach(() => host.close());

/** A connection to a server with these lists: by method and cursor. */
async function listing(lists: Record<string, Record<string, unknown>>) {
  const file = join(host.folder, 'lists.json');
  writeFileSync(file, JSON.stringify([lists]));
  const spec = stdioSpec({ LISTS: file });
  return host.open({ ...spec, process: { ...spec.process, args: [fixture('listing-server.js')] } });
}

const listTools = async (pages: Record<string, unknown>) =>
  (await listing({ 'tools/list': pages })).listTools();

describe('an odd tool costs only itself', () => {
  test.each<[what: string, odd: unknown, taken: JsonObject | undefined, said: RegExp]>([
    ['no schema', { name: 'odd' }, { inputSchema: object }, /"odd" has no inputSchema/],
    ['null', { name: 'odd', inputSchema: null }, { inputSchema: object }, /that is null/],
    ['a list', { name: 'odd', inputSchema: [] }, { inputSchema: object }, /that is an array/],
    [
      'members that are true and false',
      { name: 'odd', inputSchema: { ...object, properties: { any: true, none: false } } },
      { inputSchema: { ...object, properties: { any: {}, none: { not: {} } } } },
      /properties.any that is true \(replaced by a schema that allows anything\)/,
    ],
    ['no type', { name: 'odd', inputSchema: {} }, { inputSchema: object }, /without a "type"/],
    [
      'a list of properties',
      { name: 'odd', inputSchema: { ...object, properties: [], required: null } },
      { inputSchema: object },
      /properties that is an array/,
    ],
    [
      'a type that there is not',
      { name: 'odd', inputSchema: { ...object, properties: { n: { type: 'int' } } } },
      { inputSchema: { ...object, properties: { n: { type: 'int' } } } },
      /^$/,
    ],
    [
      'members of other types',
      {
        ...{ name: 'odd', inputSchema: object, title: 5, _meta: null, vendor: 1 },
        annotations: { readOnlyHint: 'yes', title: 'Odd' },
        icons: [{ src: 1 }, { src: 'https://example.com/a.png', theme: 'blue' }],
      },
      {
        ...{ inputSchema: object, vendor: 1, annotations: { title: 'Odd' } },
        icons: [{ src: 'https://example.com/a.png' }],
      },
      /"odd" has annotations.readOnlyHint, which clients reject \(dropped\)/,
    ],
    [
      'an output schema that is none',
      { name: 'odd', inputSchema: object, outputSchema: 'text' },
      { inputSchema: object },
      /outputSchema that is a string/,
    ],
    [
      'an output schema that refers to nothing',
      { name: 'odd', inputSchema: object, outputSchema: { ...object, $ref: '#/$defs/Missing' } },
      { inputSchema: object },
      /outputSchema that clients cannot compile/,
    ],
    [
      'an output schema with an id',
      { name: 'odd', inputSchema: object, outputSchema: { ...object, $id: 'urn:same' } },
      { inputSchema: object, outputSchema: object },
      /outputSchema with an "\$id"/,
    ],
    ['no name', { inputSchema: object }, undefined, /^tool 2 has no "name" \(dropped\)$/m],
    ['no object', 7, undefined, /^tool 2 is not an object \(dropped\)$/m],
    [
      'the name of another',
      { ...first, title: 'B' },
      undefined,
      /"first" is listed more than once/,
    ],
  ])('%s', async (_what, odd, taken, said) => {
    const { tools, flaws } = await listTools({ '': { tools: [first, odd, last] } });
    const expected = taken ? [first, { name: 'odd', ...taken }, last] : [first, last];
    expect(tools).toEqual(expected);
    expect(flaws.map(({ text }) => text).join('\n')).toMatch(said);
  });
});

describe('a list that does not end', () => {
  const tools = [first, last];
  test.each<[what: string, pages: Record<string, unknown>, said: RegExp]>([
    ['the same cursor', { '': { tools, nextCursor: '2' }, 2: { tools, nextCursor: '2' } }, /again/],
    ['an empty cursor', { '': { tools, nextCursor: '' } }, /^$/],
    ['no cursor', { '': { tools, nextCursor: null } }, /^$/],
    ['a cursor that is a number', { '': { tools, nextCursor: 2 } }, /not a string/],
    [
      'other cursors with nothing new',
      Object.fromEntries(
        Array.from({ length: 50 }, (_, page) => [page || '', { tools, nextCursor: `${page + 1}` }]),
      ),
      /without anything new/,
    ],
  ])('by %s is taken as far as it goes', async (_what, pages, said) => {
    const found = await listTools(pages);
    expect(found.tools).toEqual(tools);
    expect(found.flaws.map(({ text }) => text).join('\n')).toMatch(said);
  });

  test('does, after 250 honest pages', async () => {
    const pages = Array.from({ length: 250 }, (_, page): [string, object] => [
      page === 0 ? '' : String(page),
      {
        tools: [0, 1, 2, 3].map((at) => ({ name: `t${page}-${at}`, inputSchema: object })),
        ...(page < 249 && { nextCursor: `${page + 1}` }),
      },
    ]);
    const { tools: all, flaws } = await listTools(Object.fromEntries(pages));
    expect([all.length, flaws]).toEqual([1_000, []]);
  });
});

test('entries that are all odd are looked at up to a bound, and few of their flaws are held', async () => {
  const odd = Array.from({ length: 2 * MAX_INSPECTED_ITEMS }, () => null);
  const { tools, flaws } = await listTools({ '': { tools: [first, ...odd, last] } });
  expect(tools).toEqual([first]);
  expect(flaws).toHaveLength(51);
  expect(flaws[0]?.text).toBe('tool 2 is not an object (dropped)');
  // All but the first entry, and that the list was cut, less the 50 that are held.
  expect(flaws.at(-1)?.text).toBe(`and ${MAX_INSPECTED_ITEMS - 50} more like these`);
});

describe('an answer that is no list', () => {
  test.each<[what: string, page: unknown, said: string]>([
    ['an error', { error: { code: -32603, message: 'it is down' } }, 'it is down (-32603)'],
    ['no tools', { nothing: 1 }, 'tools/list returned no list of "tools"'],
  ])('%s is told', async (_what, page, said) => {
    await expect(listTools({ '': page })).rejects.toThrow(said);
  });

  test('null is an empty one', async () => {
    expect((await listTools({ '': { tools: null } })).tools).toEqual([]);
  });

  test('on a later page leaves what came before it', async () => {
    const error = { code: -32603, message: 'it is down' };
    const pages = { '': { tools: [first], nextCursor: '2' }, 2: { error } };
    expect(await listTools(pages)).toEqual({
      ...{ tools: [first], flaws: [] },
      brokenOff: 'page 2 of tools/list returned an error: it is down (-32603)',
    });
  });
});

test('odd resources, templates and prompts cost only themselves', async () => {
  const connection = await listing({
    'resources/list': {
      '': { resources: [{ uri: 'a:1' }, {}, { uri: 'a:2', name: 'b', size: '1' }] },
    },
    'resources/templates/list': {
      '': { resourceTemplates: [{ uriTemplate: 'a:{x}', name: 't' }] },
    },
    'prompts/list': { '': { prompts: [{ name: 'p', arguments: [{ name: 'x' }, {}] }] } },
  });
  expect(await connection.listResourcesAndPrompts()).toEqual({
    resources: [
      { uri: 'a:1', name: 'a:1' },
      { uri: 'a:2', name: 'b' },
    ],
    templates: [{ uriTemplate: 'a:{x}', name: 't' }],
    prompts: [{ name: 'p', arguments: [{ name: 'x' }] }],
    flaws: [
      { item: 'a:1', text: 'the resource "a:1" has no "name" (its uri is used instead)' },
      { text: 'resource 2 has no "uri" (dropped)' },
      { item: 'a:2', text: 'the resource "a:2" has size, which clients reject (dropped)' },
      {
        item: 'p',
        text: 'the prompt "p" has arguments.1.name, which clients reject (dropped)',
      },
    ],
  });
});
