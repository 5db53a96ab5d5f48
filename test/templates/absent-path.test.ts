import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { absentPath, checkPaths } from '../../src/templates/absent-path';
import { type Template } from '../../src/templates/template-schema';
import { useTemporaryFolder } from '../temporary-folder';

const folder = useTemporaryFolder();

beforeEach(async () => {
  await mkdir(path.join(folder(), 'notes'));
  await writeFile(path.join(folder(), 'file'), '');
});

test.each<[exists: 'folder' | 'file' | undefined, name: string, problem: string | undefined]>([
  ['folder', 'notes', undefined],
  ['file', 'file', undefined],
  ['folder', 'nowhere', 'there is no folder '],
  ['file', 'nowhere', 'there is no file '],
  ['folder', 'file', 'expected a folder, but '],
  ['file', 'notes', 'expected a file, but '],
  [undefined, 'nowhere', undefined],
])('a %s called %s', (exists, name, problem) => {
  const found = absentPath({ exists }, [path.join(folder(), 'notes', '..', name)]);
  if (problem === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(problem);
});

test('a reference is not checked, because only its host knows the value', () => {
  expect(absentPath({ exists: 'folder' }, ['${NOTES}'])).toBeUndefined();
});

test('a template is refused with all missing paths', () => {
  const parameter = { name: 'in', type: 'list', items: 'path', exists: 'folder' } as const;
  const common = { help: 'Any.', required: true, secret: false };
  const template = {
    ...{ name: 'x', parameters: [{ ...parameter, ...common }] },
  } as unknown as Template;
  const check = (value: string[]) => () => checkPaths(template, { in: value }, folder());
  expect(check(['notes'])).not.toThrow();
  expect(check(['notes', 'gone'])).toThrow(`in: there is no folder ${path.join(folder(), 'gone')}`);
});
