import { checkOrder } from '../../../src/client/servers/check-order';
import { type IsolationOrder } from '../../../src/domain/isolation/isolation';

test.each<[string, IsolationOrder]>([
  ['no length', { order: 'quarantine' }],
  ['a length', { order: 'quarantine', forMs: 600_000, reason: 'leaks' }],
  ['a release', { order: 'release' }],
  ['maintenance', { order: 'maintenance', on: true, reason: 'new disk' }],
])('takes %s', (_title, order) => {
  expect(() => checkOrder(order)).not.toThrow();
});

test.each<[string, IsolationOrder]>([
  ['a length that no date can show', { order: 'quarantine', forMs: 1e18 }],
  ['no time at all', { order: 'quarantine', forMs: 0 }],
  ['what is no number', { order: 'quarantine', forMs: NaN }],
  ['a novel', { order: 'maintenance', on: true, reason: 'x'.repeat(501) }],
])('refuses %s', (_title, order) => {
  expect(() => checkOrder(order)).toThrow(/limit|can last from 1 ms to 366 days/);
});
