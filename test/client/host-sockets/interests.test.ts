import { Interests, uniteInterests } from '../../../src/client/host-sockets/interests';

it('unites what several want of the same server', () => {
  const united = uniteInterests([
    { b: { resources: ['y', 'x'], logLevel: 'error' } },
    { a: { resources: [] }, b: { resources: ['x', 'z'], logLevel: 'info' } },
  ]);
  expect(united).toEqual({
    a: { resources: [] },
    b: { resources: ['x', 'y', 'z'], logLevel: 'info' },
  });
  expect(Object.keys(united)).toEqual(['a', 'b']);
});

it('tells whether it matters that one wants something else', () => {
  const interests = new Interests();
  expect(interests.set('one', { a: { resources: ['x'] } })).toBe(true);
  expect(interests.set('two', { a: { resources: ['x'] } })).toBe(false);
  expect(interests.set('one', {})).toBe(false);
  expect(interests.set('two', {})).toBe(true);
  expect(interests.united).toEqual({});
});
