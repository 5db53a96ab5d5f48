import { MainspringError } from '../../src/domain/errors';
import { createMask, masked } from '../../src/process/mask';

describe('createMask', () => {
  const secret = 'p@ss "word"/+é';
  const mask = createMask([secret, 'p@ss', 'abc']);

  test('replaces secrets, the longest first', () => {
    expect(mask(`<${secret}> <p@ss>`)).toBe('<***> <***>');
  });

  test('leaves values alone that are too short to be told from other text', () => {
    expect(mask('abc')).toBe('abc');
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
