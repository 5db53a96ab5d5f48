import { valueState } from '../../src/doctor/value-state';

it.each([
  ...[
    'your-api-key-here',
    'YOUR_TOKEN',
    '<token>',
    'Bearer <token>',
    'xxx',
    'sk-xxxxxxxx',
    'ghp_...',
  ],
  ...['insert-your-key', 'TODO', 'token-goes-here'],
])('"%s" is a placeholder', (value) => expect(valueState(value, true)).toBe('placeholder'));

it.each(['changeme', 'postgres', 'ghp_16C7e42F292c6912E7710c838347Ae178B4a', 'there', 'maxxx1'])(
  '"%s" may be a real value',
  (value) => expect(valueState(value, true)).toBe('set'),
);

it('only an empty secret is reported', () => {
  expect(valueState('', true)).toBe('empty');
  expect(valueState('  ', true)).toBe('empty');
  expect(valueState('', false)).toBe('set');
  expect(valueState('your-name', false)).toBe('set');
  expect(valueState(undefined, false)).toBe('unset');
});
