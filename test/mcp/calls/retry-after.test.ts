import { MAX_RETRY_AFTER_MS, parseRetryAfter } from '../../../src/mcp/calls/retry-after';

const NOW = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');

test.each<[string | undefined, number | undefined]>([
  ['120', 120_000],
  [' 0 ', 0],
  ['0.5', 500],
  ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
  ['Wed, 21 Oct 2026 07:27:00 GMT', 0],
  ['Wednesday, 21-Oct-26 07:28:10 GMT', 10_000],
  ['Wed, 21 Oct 2099 07:28:00 GMT', MAX_RETRY_AFTER_MS],
  ['99999999999999999999', MAX_RETRY_AFTER_MS],
  [undefined, undefined],
  ['', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['2026', 2_026_000],
  ['Wed, 99 Nov 2026 07:28:00 GMT', undefined],
])('Retry-After: %s asks for a pause of %s ms', (header, expected) => {
  expect(parseRetryAfter(header, NOW)).toBe(expected);
});
