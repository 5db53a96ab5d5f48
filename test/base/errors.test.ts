import { ERROR_FIXES, fixFor, isErrorCode, withServerName } from '../../src/base/errors';

it('a fix names the server that it is about', () => {
  expect(fixFor('SERVER_EXITED', 'files')).toBe('Check its output: mainspring logs files.');
  expect(withServerName('mainspring status <name>; mainspring release <name>', 'a')).toBe(
    'mainspring status a; mainspring release a',
  );
});

it('no fix about a server has anything to fill in but its name', () => {
  const placeholders = Object.entries(ERROR_FIXES).flatMap(([code, fix]) =>
    isErrorCode(code) ? [...fix.matchAll(/<(\w+)>/g)].map(([, word]) => word) : [],
  );
  expect(new Set(placeholders)).toEqual(new Set(['name', 'package', 'file', 'dir', 'key']));
});
