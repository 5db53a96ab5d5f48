import { mapTexts } from '../../src/base/map-texts';
import { type Json } from '../../src/base/json';

const upper = (text: string) => text.toUpperCase();

it('changes texts, and no member name, number, boolean or null', () => {
  const value = { name: 'a', list: ['b', 1, true, null, { name: 'c' }], empty: {}, none: [] };
  expect(mapTexts(value, upper)).toEqual({
    name: 'A',
    list: ['B', 1, true, null, { name: 'C' }],
    empty: {},
    none: [],
  });
  expect(value.list[0]).toBe('b');
});

it('passes the member that holds a string, also in a list', () => {
  const told: unknown[] = [];
  mapTexts({ a: 'x', b: ['y', ['z']], c: [{ d: 'w' }] }, (text, member) => {
    told.push([text, member]);
    return text;
  });
  expect(told).toHaveLength(4);
  expect(told).toEqual(
    expect.arrayContaining([
      ['x', 'a'],
      ['y', 'b'],
      ['z', 'b'],
      ['w', 'd'],
    ]),
  );
});

it('keeps the order of members, and members that objects have by themselves', () => {
  const text = '{"b":"x","__proto__":{"a":"y"},"constructor":"z","1":"v"}';
  const value = JSON.parse(text) as Json;
  expect(JSON.stringify(mapTexts(value, (same) => same))).toBe(JSON.stringify(value));
});

it('takes any depth', () => {
  let deep: Json = 'end';
  for (let level = 0; level < 100_000; level += 1) deep = level % 2 ? [deep] : { deep };
  let copy: Json | undefined = mapTexts(deep, upper);
  while (copy !== null && typeof copy === 'object') copy = Object.values(copy)[0];
  expect(copy).toBe('END');
});
