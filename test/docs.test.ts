import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..');
const FENCED = /^```.*?^```/gms;
const LINK = /\]\(([^)\s]+)\)/g;
const REPOSITORY_PATH =
  /`((?:activities|benchmarks|docs|examples|scripts|src|temporal-config|test|workflows)\/[\w./-]*\w\/?)`/g;

async function pages(): Promise<string[]> {
  const inDocs = (await readdir(path.join(ROOT, 'docs'))).filter((name) => name.endsWith('.md'));
  return [
    ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'temporal-config/README.md'],
    ...inDocs.map((name) => path.join('docs', name)),
  ];
}

function read(page: string): string {
  return readFileSync(path.join(ROOT, page), 'utf8');
}

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): string[] {
  const headings = [
    ...read(page)
      .replace(FENCED, '')
      .matchAll(/^#+ (.*)$/gm),
  ];
  return headings.map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

function isBroken(page: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? page : path.join(path.dirname(page), file);
  if (!existsSync(path.join(ROOT, target))) return true;
  return anchor !== undefined && !anchorsOf(target).includes(anchor);
}

test('links in the documentation lead to a page and a heading that exist', async () => {
  const broken = (await pages()).flatMap((page) =>
    [...read(page).replace(FENCED, '').matchAll(LINK)]
      .map(([, link = '']) => link)
      .filter((link) => !/^[a-z]+:/.test(link) && isBroken(page, link))
      .map((link) => `${page}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test('files and folders named in the documentation exist', async () => {
  const missing = (await pages()).flatMap((page) =>
    [...read(page).matchAll(REPOSITORY_PATH)]
      .map(([, named = '']) => named)
      .filter((named) => !existsSync(path.join(ROOT, named)))
      .map((named) => `${page}: ${named}`),
  );
  expect(missing).toEqual([]);
});

test('the index of the documentation names every page', async () => {
  const index = read('docs/README.md');
  const unnamed = (await pages())
    .filter((page) => page.startsWith('docs/') && page !== 'docs/README.md')
    .filter((page) => !index.includes(`](${path.basename(page)})`));
  expect(unnamed).toEqual([]);
});
