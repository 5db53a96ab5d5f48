import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { watchFiles } from '../../src/roles/watch-files';
import { until } from '../e2e/until';
import { useTemporaryFolder } from '../temporary-folder';

const folder = useTemporaryFolder();
const place = (name: string) => path.join(folder(), name);

let stop: AbortController;
let done: Promise<void>;
let seen: string[];
let list: string[];
let lists: number;

beforeEach(async () => {
  stop = new AbortController();
  seen = [];
  lists = 0;
  list = [place('a.json'), place('.env')];
  await writeFile(place('list.json'), '1');
  await writeFile(place('a.json'), '1');
  done = watchFiles({
    list: async () => {
      lists += 1;
      return list;
    },
    listFile: place('list.json'),
    onChange: async (files) => {
      seen.push(...files.map((file) => path.basename(file)));
    },
    signal: stop.signal,
  });
  await isListed(1);
});

afterEach(async () => {
  stop.abort();
  await done;
});

/** The files of the n-th list are being watched. */
const isListed = async (count: number) => {
  await until(`list ${count}`, () => lists >= count);
  await new Promise((resolve) => setTimeout(resolve, 50)); // it has looked at the files, too
};
const sees = (name: string) => until(`a change of ${name}`, () => seen.includes(name));

it('notices a write, and a file that takes the place of another', async () => {
  await writeFile(place('a.json'), '22');
  await sees('a.json');
  seen = [];
  await writeFile(place('new'), '333');
  await rename(place('new'), place('a.json'));
  await sees('a.json');
});

it('notices a file that comes and goes', async () => {
  await writeFile(place('.env'), 'A=1');
  await sees('.env');
  seen = [];
  await rm(place('.env'));
  await sees('.env');
});

it('looks at other files when the list has changed', async () => {
  list = [place('b.json')];
  await writeFile(place('b.json'), '1');
  await writeFile(place('list.json'), '22');
  await isListed(2);
  await writeFile(place('b.json'), '333');
  await sees('b.json');
  expect(seen).toEqual(['b.json']);
});
