import { truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { parseBundleManifest } from '../../src/programs/bundle/bundle-manifest';
import { parseForeignOutput, readForeignFile } from '../../src/programs/foreign-output';
import { parseNpmLock } from '../../src/programs/npm/npm-lock';
import { useTemporaryFolder } from '../temporary-folder';

const folder = useTemporaryFolder();
const deep = '['.repeat(100_000) + ']'.repeat(100_000);

function errorOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

test.each([
  ['no JSON at all', '<html>502 Bad Gateway</html>', 'it is not valid JSON'],
  ['nothing', '', 'it is not valid JSON'],
  ['JSON of another shape', '{"version":7}', 'it has an unexpected format: version: '],
  ['JSON that is too deep', deep, 'it is nested more than'],
])('%s fails only the installation, naming the source', (_what, text, problem) => {
  const parse = () => parseForeignOutput(z.object({ version: z.string() }), text, '"npm view x"');
  expect(errorOf(parse)).toMatchObject({
    code: 'INSTALL_FAILED',
    message: expect.stringContaining(`Cannot read "npm view x": ${problem}`) as string,
  });
});

test.each([
  ['a lock', parseNpmLock, 'INSTALL_FAILED'],
  ['the manifest of a bundle', parseBundleManifest, 'BUNDLE_REFUSED'],
])('%s that is too deep is refused', (_what, parse, code) => {
  for (const text of [deep, `{"packages":${deep}}`, 'no JSON', 'null']) {
    expect(errorOf(() => parse(text))).toMatchObject({ code });
  }
});

test('a file larger than any real one is not read', async () => {
  const file = path.join(folder(), 'package.json');
  await writeFile(file, '{}');
  expect(await readForeignFile(file)).toBe('{}');
  await truncate(file, 1024 ** 3);
  await expect(readForeignFile(file)).rejects.toMatchObject({ code: 'INSTALL_FAILED' });
});
