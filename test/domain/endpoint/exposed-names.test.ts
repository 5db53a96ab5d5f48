import { createHash } from 'node:crypto';
import {
  exposedNames,
  MAX_EXPOSED_NAME_LENGTH,
  type ItemToName,
} from '../../../src/domain/endpoint/exposed-names';

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
const hashOf = (server: string, original: string, length = 8) =>
  digest(`${server}\n${original}`).slice(0, length);

function item(server: string, original: string, over: Partial<ItemToName> = {}): ItemToName {
  return { server, original, prefix: server, ...over };
}

const names = (...items: ItemToName[]) => exposedNames(items, digest);

const LONG = 'x'.repeat(80);

test.each<[what: string, items: ItemToName[], expected: string[]]>([
  ['plain names', [item('a', 'b'), item('c', 'd')], ['a__b', 'c__d']],
  ['an alias', [item('a', 'b', { prefix: 'short' })], ['short__b']],
  ['dots, slashes and spaces', [item('a', 'b.c/d e')], ['a__b_c_d_e']],
  ['one character for each that is no letter', [item('a', 'é日🙂')], ['a_____']],
  ['no name at all', [item('a', '')], ['a__']],
  ['exactly 64', [item('a', 'x'.repeat(61))], [`a__${'x'.repeat(61)}`]],
  ['65', [item('a', 'x'.repeat(62))], [`a__${'x'.repeat(52)}_${hashOf('a', 'x'.repeat(62))}`]],
  [
    'long names that begin alike',
    [item('a', `${LONG}1`), item('a', `${LONG}2`)],
    [
      `a__${'x'.repeat(52)}_${hashOf('a', `${LONG}1`)}`,
      `a__${'x'.repeat(52)}_${hashOf('a', `${LONG}2`)}`,
    ],
  ],
  [
    'two of one server: the one that is really called so keeps it',
    [item('a', 'b.c'), item('a', 'b_c')],
    [`a__b_c_${hashOf('a', 'b.c')}`, 'a__b_c'],
  ],
  [
    'two of one server, none really called so',
    [item('a', 'b.c'), item('a', 'b/c')],
    [`a__b_c_${hashOf('a', 'b.c')}`, `a__b_c_${hashOf('a', 'b/c')}`],
  ],
  [
    'two servers: none takes the name of the other',
    [item('a', 'b__c'), item('a__b', 'c')],
    [`a__b__c_${hashOf('a', 'b__c')}`, `a__b__c_${hashOf('a__b', 'c')}`],
  ],
  [
    'two servers under one alias',
    [item('a', 'get', { prefix: 'x' }), item('b', 'get', { prefix: 'x' })],
    [`x__get_${hashOf('a', 'get')}`, `x__get_${hashOf('b', 'get')}`],
  ],
  [
    'a name that a profile has chosen',
    [item('a', 'b'), item('c', 'd', { chosen: 'a__b' })],
    [`a__b_${hashOf('a', 'b')}`, 'a__b'],
  ],
  [
    'one name chosen twice',
    [item('a', 'b', { chosen: 'find' }), item('c', 'd', { chosen: 'find' })],
    [`find_${hashOf('a', 'b')}`, `find_${hashOf('c', 'd')}`],
  ],
])('names %s', (_what, items, expected) => {
  expect(names(...items)).toEqual(expected);
});

it('uses a longer hash when the name with the short one is taken', () => {
  const squatter = `b_c_${hashOf('a', 'b.c')}`;
  const found = names(item('a', 'b.c'), item('a', 'b/c'), item('a', squatter));
  expect(found[0]).toBe(`a__b_c_${hashOf('a', 'b.c', 16)}`);
  expect(found[2]).toBe(`a__${squatter}`);
  expect(new Set(found).size).toBe(3);
});

it('leaves reserved names alone', () => {
  const chosen = item('a', 'b', { chosen: 'search_tools' });
  const [name] = exposedNames([chosen], digest, new Set(['search_tools']));
  expect(name).toBe(`search_tools_${hashOf('a', 'b')}`);
});

it('changes no name when other servers come, unless they collide', () => {
  const mine = [item('a', LONG), item('a', 'b.c'), item('a', 'plain')];
  const others = [item('b', LONG), item('b', 'b.c'), item('0', 'plain')];
  expect(exposedNames([...others, ...mine], digest).slice(3)).toEqual(exposedNames(mine, digest));
});

it('gives hostile names unique, valid ones, whatever they are, in any order', () => {
  const hostile = [
    '\u202e\u0007',
    '\0',
    '../../x',
    '__proto__',
    'constructor',
    '\ud800',
    '\u202e\u202e',
  ];
  const servers = ['a', 'a_', 'a__', 'b'];
  const items = servers.flatMap((server) =>
    [...hostile, ...hostile.map((name) => `_${name}`), `${LONG}\u200b`, LONG, ''].map((name) =>
      item(server, name),
    ),
  );
  const found = exposedNames(items, digest);
  expect(new Set(found).size).toBe(items.length);
  for (const name of found) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  const backwards = exposedNames([...items].reverse(), digest).reverse();
  expect(backwards).toEqual(found);
  expect(MAX_EXPOSED_NAME_LENGTH).toBe(64);
});
