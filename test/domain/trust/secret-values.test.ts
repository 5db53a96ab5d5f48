import { isSecretName, judgeSecret } from '../../../src/domain/trust/secret-values';

const isSecret = (value: string) => judgeSecret(value, false).isSecret;
const reasonFor = (value: string) => judgeSecret(value, false).reason;

describe('judgeSecret', () => {
  test.each(['true', 'False', 'no', 'off', ' true\n'])('%j is a boolean', (value) =>
    expect(judgeSecret(value, false)).toEqual({ isSecret: false, reason: 'boolean' }),
  );

  test.each(['8080', '-1', '3.14', '+4915112345678', '0'])('%j is a number', (value) =>
    expect(judgeSecret(value, false)).toEqual({ isSecret: false, reason: 'number' }),
  );

  test.each([
    ...[
      '/',
      '/home/me/notes',
      '/srv/data 2024/',
      '/usr/bin:/bin',
      '~/notes',
      './notes',
      '../notes',
    ],
    ...['C:\\Users\\me\\notes', 'c:/Users/me', '\\\\server\\share', 'file:///home/me/notes.md'],
    ...[
      '/home/me/key.json',
      '/tmp/mainspring-e2e-Q7z2tH',
      '/var/folders/zz/zyxvpxvq6csfxvn_n0000/T',
    ],
    '/data/0b7c1d7e-3f0a-4a53-9a55-1f0ad0c7f5a1',
  ])('%j is a path', (value) => expect(reasonFor(value)).toBe('path'));

  test.each(['name', 'abcde', 'ü'])('%j is too short', (value) =>
    expect(reasonFor(value)).toBe('short'),
  );

  test.each([
    ...['abcdef', 'ghp_16C7e42F292c6912E7710c838347Ae178B4a', 'correct horse', 'p@ss"w\n"ord'],
    // Neither a slash nor digits alone make it something else.
    ...['wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', '1234567890123456789012', '12:34:56'],
    ...['/x8Fj2kLm9QwErTyUiOpAsDf/Zz', '/abcd+efgh/ijkl==', '//user:pw@host/share'],
    ...['/services/T00000000/B00000000/XXXX1234XXXX5678XXXX', '/hook?token=abc'],
    ...['postgres://u:pw@h/db', 'https://api.example.com/v1', '-----BEGIN KEY-----\nMIIE\n/abc\n'],
  ])('%j may be a secret', (value) => expect(isSecret(value)).toBe(true));

  test('a mark makes any value a secret', () => {
    for (const value of ['true', '8080', '/home/me', 'x']) {
      expect(judgeSecret(value, true)).toEqual({ isSecret: true, reason: 'marked' });
    }
    expect(judgeSecret('', true)).toEqual({ isSecret: false, reason: 'empty' });
  });
});

it.each(['GITHUB_TOKEN', 'OPENAI_API_KEY', 'apiKey', 'X-Api-Key', 'DB_PASSWORD', 'GITLAB_PAT'])(
  '%s is the name of a secret',
  (name) => expect(isSecretName(name)).toBe(true),
);

it.each(['PATH', 'KEYBOARD', 'TOKEN_LIMIT', 'REGION', 'COMPAT'])('%s is not', (name) =>
  expect(isSecretName(name)).toBe(false),
);
