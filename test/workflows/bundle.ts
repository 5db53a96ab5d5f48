import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, type BundleOptions, DefaultLogger } from '@temporalio/worker';

const ROOT = path.resolve(__dirname, '../..');
const CACHE = path.join(ROOT, 'node_modules', '.cache', 'workflow-bundles');
/** All that a bundle may be made from. */
const SOURCES = ['workflows', 'src', 'test/workflows'];

/** Bundles workflows; takes what an earlier test has made of the same sources, because it costs seconds of CPU. */
export async function bundle(
  options: Omit<BundleOptions, 'logger'>,
): Promise<{ codePath: string }> {
  const folder = path.join(CACHE, digestOfSources());
  const codePath = path.join(folder, `${digest(JSON.stringify(options))}.js`);
  if (existsSync(codePath)) return { codePath };
  const { code } = await bundleWorkflowCode({ ...options, logger: new DefaultLogger('ERROR') });
  forgetOthers(folder);
  mkdirSync(folder, { recursive: true });
  const draft = `${codePath}.${process.pid}`;
  writeFileSync(draft, code);
  renameSync(draft, codePath);
  return { codePath };
}

function digestOfSources(): string {
  const hash = createHash('sha256').update(readFileSync(path.join(ROOT, 'package-lock.json')));
  for (const folder of SOURCES) {
    const files = readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.ts')).sort()) {
      hash.update(`${file}\0`).update(readFileSync(path.join(ROOT, folder, file)));
    }
  }
  return hash.digest('hex');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function forgetOthers(kept: string): void {
  if (!existsSync(CACHE)) return;
  for (const name of readdirSync(CACHE)) {
    const folder = path.join(CACHE, name);
    if (folder !== kept) rmSync(folder, { recursive: true, force: true });
  }
}
