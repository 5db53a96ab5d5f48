import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const ROOT = path.resolve(__dirname, '..');
const ROOMS = ['src', 'activities', 'workflows', 'benchmarks'];
/** A room with more files has sub-rooms by concept. */
const MAX_FILES = 25;
/** One file per command, named after it. */
const LISTS = ['src/cli/commands'];
/** A room with more files says what lives in it. */
const FILES_WITHOUT_README = 5;

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...ROOMS], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file.endsWith('.ts') && existsSync(path.join(ROOT, file)));
const rooms = new Map(
  [...new Set(files.map((file) => path.dirname(file)))].map((room) => [
    room,
    files.filter((file) => path.dirname(file) === room),
  ]),
);
const table = JSON.parse(read('imports.json')) as Record<string, string[]>;

it('no files import each other in a circle, types included', () => {
  expect(cyclesOf(new Map(files.map((file) => [file, importsOf(file)])))).toEqual([]);
});

it('every folder and every file beside them is in the table of imports', () => {
  const isListed = (file: string) =>
    Object.keys(table).some((room) => file === room || file.startsWith(`${room}/`));
  expect(files.filter((file) => !isListed(file))).toEqual([]);
  expect(Object.keys(table).filter((room) => !existsSync(path.join(ROOT, room)))).toEqual([]);
});

it('no room is a flat bag', () => {
  const large = [...rooms].filter(([room, all]) => all.length > MAX_FILES && !LISTS.includes(room));
  expect(large.map(([room, all]) => `${room}: ${all.length}`)).toEqual([]);
});

describe.each([...rooms].filter(([, all]) => all.length > FILES_WITHOUT_README))('%s', (room) => {
  it('has a README whose links lead somewhere and whose imports are those of the table', () => {
    const readme = read(path.join(room, 'README.md'));
    expect(readme.split('\n')[0]).toBe(`# ${room}`);
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
    expect(links).not.toEqual([]);
    expect(links.filter((link) => !existsSync(path.join(ROOT, room, link)))).toEqual([]);
    const allowed = table[room];
    if (!allowed) return;
    const names = allowed.map((other) => `\`${other}\``).join(', ') || 'nothing of ours';
    expect(readme.replace(/\s+/g, ' ')).toContain(`Imports ${names}.`);
  });
});

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(read(file), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => path.join(path.dirname(file), fileName))
    .flatMap((target) => [`${target}.ts`, `${target}/index.ts`])
    .filter((target) => files.includes(target));
}

/** What is left of a graph once files that import nothing that is left are taken away, again and again. */
function cyclesOf(graph: Map<string, string[]>): string[] {
  const left = new Map(graph);
  for (let size = -1; size !== left.size;) {
    size = left.size;
    for (const [file, imports] of left)
      if (!imports.some((other) => left.has(other))) left.delete(file);
  }
  return [...left.keys()];
}
