import { splitLines } from '../../src/process/lines';

function split(chunks: (string | Buffer)[], maxBytes = 1_000): string[] {
  const lines: string[] = [];
  const splitter = splitLines({ maxBytes, onLine: (line) => lines.push(line), onTooLong: 'cut' });
  for (const chunk of chunks) splitter.write(Buffer.from(chunk));
  splitter.end();
  return lines;
}

describe('splitLines', () => {
  test('joins lines across chunks, drops CR, and passes on a last line without end', () => {
    expect(split(['a\nb', 'c\r\n', '\n', 'd'])).toEqual(['a', 'bc', '', 'd']);
  });

  test('decodes characters that lie across chunk borders', () => {
    const bytes = Buffer.from('añ€😀z\nö\n');
    const single = [...bytes].map((byte) => Buffer.from([byte]));
    expect(split(single)).toEqual(['añ€😀z', 'ö']);
  });

  test('takes a line of exactly the limit, and cuts one above it', () => {
    expect(split(['12345\n', '123456', '789\nab\n'], 5)).toEqual(['12345', '12345', 'ab']);
  });

  test('calls back once and stops at a line above the limit', () => {
    const lines: string[] = [];
    const onTooLong = jest.fn();
    const splitter = splitLines({ maxBytes: 5, onLine: (line) => lines.push(line), onTooLong });
    splitter.write(Buffer.from('ok\n123'));
    splitter.write(Buffer.from('456'));
    splitter.write(Buffer.from('789\nlate\n'));
    splitter.end();
    expect(lines).toEqual(['ok']);
    expect(onTooLong).toHaveBeenCalledTimes(1);
  });

  test('skips the rest of a line on request', () => {
    const lines: string[] = [];
    const options = { maxBytes: 100, onLine: (line: string) => lines.push(line) };
    const splitter = splitLines({ ...options, onTooLong: 'cut' });
    splitter.write(Buffer.from('begun'));
    splitter.skipLine();
    splitter.write(Buffer.from(' and ended\nnext\n'));
    expect(lines).toEqual(['next']);
  });

  test('takes time in proportion to the length of a line', () => {
    const timeOf = (chunks: number) => {
      const chunk = Buffer.alloc(65_536, 'x');
      const splitter = splitLines({ maxBytes: 1e9, onLine: () => undefined, onTooLong: 'cut' });
      const startedAt = performance.now();
      for (let count = 0; count < chunks; count++) splitter.write(chunk);
      splitter.end();
      return performance.now() - startedAt;
    };
    const best = (chunks: number) => Math.min(...[1, 2, 3, 4, 5].map(() => timeOf(chunks)));
    // Quadratic work would take 64 times as long.
    expect(best(800)).toBeLessThan(32 * best(100));
  });
});
