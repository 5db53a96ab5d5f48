import { firstLine } from '../../../src/cli/text/install-text';

it.each([
  ['"a" exited with code 1; its last output:\nError: no\n    at x', '"a" exited with code 1'],
  ['"a" exited with code 1', '"a" exited with code 1'],
  ['It exited (code 1):\nno', 'It exited (code 1):'],
  ['not this; but that:', 'not this; but that:'],
  ['', ''],
])('a line of a long text announces nothing that it leaves out: %j', (text, line) => {
  expect(firstLine(text)).toBe(line);
});
