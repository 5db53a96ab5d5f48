import { Pieces } from '../../src/base/pieces';

function piecesOf(count: number, size: number): Pieces {
  const pieces = new Pieces();
  for (let at = 0; at < count; at += 1) pieces.add(Buffer.alloc(size, at % 251));
  return pieces;
}

test.each([
  [0, 1],
  [1, 5],
  [3, 70_000],
  [2_500, 1],
])('%d pieces of %d bytes come back as one, in order', (count, size) => {
  const expected = Array.from({ length: count }, (_, at) => Buffer.alloc(size, at % 251));
  const pieces = piecesOf(count, size);
  expect(pieces.size).toBe(count * size);
  expect(pieces.take().equals(Buffer.concat(expected))).toBe(true);
  expect([pieces.size, pieces.take().length]).toEqual([0, 0]);
});

test('bytes that come one by one are not kept one by one, and empty pieces not at all', () => {
  const pieces = piecesOf(100_000, 1);
  for (let count = 0; count < 10_000; count += 1) pieces.add(Buffer.alloc(0));
  expect(pieces.takeAll().length).toBeLessThan(1_100);
});
