import { slopeOf } from '../../benchmarks/linear-fit';

test.each<[string, [number, number][], number]>([
  [
    'nothing grows',
    [
      [0, 5],
      [1, 5],
      [2, 5],
    ],
    0,
  ],
  [
    'it grows',
    [
      [0, 1],
      [1, 3],
      [2, 5],
    ],
    2,
  ],
  [
    'it shrinks',
    [
      [10, 4],
      [20, -1],
    ],
    -0.5,
  ],
  [
    'it is noisy and flat',
    [
      [0, 1],
      [1, 2],
      [2, 2],
      [3, 1],
    ],
    0,
  ],
])('%s', (_what, points, slope) => {
  expect(slopeOf(points)).toBeCloseTo(slope);
});
