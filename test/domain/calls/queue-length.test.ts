import { type QueueView, waitingWithOneMore } from '../../../src/domain/calls/queue-length';

test.each<[string, Partial<QueueView>, number]>([
  ['nothing is known', {}, 0],
  ['its own calls leave a slot', { open: 9 }, 0],
  ['its own calls take all slots', { open: 10 }, 1],
  ['its own calls wait', { open: 14 }, 5],
  ['the server does not run', { slots: 0 }, 1],
  ['its own calls wait for the start of the server', { open: 3, slots: 0 }, 4],
  ['others wait', { backlog: 7 }, 8],
  ['others wait, and it has submitted more', { backlog: 7, openSince: 3, open: 3 }, 11],
  ['more of its own wait than Temporal tells', { backlog: 1, openSince: 2, open: 40 }, 31],
])('with one more call, when %s', (_what, view, expected) => {
  const known = { backlog: 0, openSince: 0, open: 0, slots: 10, ...view };
  expect(waitingWithOneMore(known)).toBe(expected);
});
