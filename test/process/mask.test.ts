import { MainspringError } from '../../src/base/errors';
import { createGrowingMask, createMask, masked, maskedJson } from '../../src/process/mask';

describe('createMask', () => {
  const secret = 'p@ss "word"/+é';
  const mask = createMask([secret, 'p@ss']);

  test('replaces secrets, the longest first', () => {
    expect(mask(`<${secret}> <p@ss>`)).toBe('<***> <***>');
  });

  test('hides every secret that it is given, however short, and of a long one no short line', () => {
    expect(createMask(['47'])('pin 47')).toBe('pin ***');
    expect(createMask(['{\n"key": "long enough"\n}'])('{}')).toBe('{}');
    expect(createMask([''])('text')).toBe('text');
  });

  test('replaces URL-encoded, JSON-escaped and base64 forms', () => {
    expect(mask(`?t=${encodeURIComponent(secret)}&x`)).toBe('?t=***&x');
    expect(mask(JSON.stringify({ secret }))).toBe('{"secret":"***"}');
    expect(mask(Buffer.from(secret).toString('base64'))).toBe('***');
  });

  test.each(['u:', 'me:', 'you:', 'user:'])('replaces it inside base64 after "%s"', (prefix) => {
    const encoded = Buffer.from(`${prefix}${secret}`).toString('base64');
    const shown = mask(encoded);
    expect(shown).toContain('***');
    expect(Buffer.from(shown, 'base64').toString()).not.toContain('word');
  });

  test('replaces each line of a secret that has many', () => {
    const key = '-----BEGIN KEY-----\nline one of it\nline two of it\n';
    expect(createMask([key])('see: line two of it')).toBe('see: ***');
  });

  test('is the identity without secrets', () => {
    expect(createMask([])('text')).toBe('text');
  });

  test('masks the message of an error and keeps the rest', () => {
    const cause = new Error('why');
    const error = masked(new MainspringError('SERVER_EXITED', `said ${secret}`, { cause }), mask);
    expect(error).toMatchObject({ code: 'SERVER_EXITED', message: 'said ***', cause });
  });
});

describe('maskedJson', () => {
  test.each(['true', '8080', 'name', '"', 'null', '{"', ':', '\\'])(
    'stays JSON with the secret %j',
    (secret) => {
      const value = { name: true, list: [8080, null, { name: [] }], other: 'a "quoted" {"text"}' };
      const shown = maskedJson(value, createMask([secret]));
      expect(shown).toEqual({ ...value, other: expect.any(String) as string });
      expect(JSON.parse(JSON.stringify(shown))).toEqual(shown);
    },
  );

  test('masks every string except those of kept members', () => {
    const value = {
      uri: 'x-secret',
      text: 'x-secret',
      list: ['x-secret'],
      deep: [{ a: 'x-secret' }],
    };
    expect(maskedJson(value, createMask(['secret']), (member) => member === 'uri')).toEqual({
      uri: 'x-secret',
      text: 'x-***',
      list: ['x-***'],
      deep: [{ a: 'x-***' }],
    });
  });

  test('knows secrets that came later', () => {
    const mask = createGrowingMask([]);
    mask.add('a-token');
    mask.add('x');
    expect(maskedJson({ text: 'x a-token' }, mask)).toEqual({ text: 'x ***' });
  });
});
