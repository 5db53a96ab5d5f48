import { parseDuration } from '../../src/base/duration';

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    ['0s', 0],
    [' 2s ', 2_000],
  ])('reads %j as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '30', 's', '-1s', '1 s', '1d', '1m30s', '1e3s', 'soon'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(
      `expected a duration such as "30s", got ${JSON.stringify(text)}`,
    );
  });
});
