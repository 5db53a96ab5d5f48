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

  test.each([
    ['large pieces', 65_536, 800],
    ['small pieces', 1, 50_000],
  ])('copies a line that comes in %s a few times at most', (_title, size, count) => {
    let copied = 0;
    const concat = Buffer.concat.bind(Buffer);
    const spy = jest.spyOn(Buffer, 'concat').mockImplementation((list, length) => {
      const whole = concat(list, length);
      copied += whole.length;
      return whole;
    });
    const lines: string[] = [];
    const splitter = splitLines({
      maxBytes: 1e9,
      onLine: (line) => lines.push(line),
      onTooLong: 'cut',
    });
    for (let sent = 0; sent < count; sent++) splitter.write(Buffer.alloc(size, 'x'));
    splitter.end();
    spy.mockRestore();
    expect(lines.map(({ length }) => length)).toEqual([size * count]);
    // Quadratic work would copy it as often as it has pieces.
    expect(copied).toBeLessThan(30 * size * count);
  });

  test('passes a line above the limit on in pieces, and continues after it', () => {
    const lines: string[] = [];
    const long: string[] = [];
    const splitter = splitLines({
      maxBytes: 5,
      onLine: (line) => lines.push(line),
      onTooLong: () => ({
        write: (piece) => long.push(piece.toString()),
        end: () => long.push('|'),
      }),
    });
    for (const chunk of ['ok\n123', '4567', '89\nab\n', '654321'])
      splitter.write(Buffer.from(chunk));
    splitter.end();
    expect(lines).toEqual(['ok', 'ab']);
    expect(long.join('')).toBe('123456789|654321|');
  });
});
