import { execFile } from 'node:child_process';
import { access, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/base/package-root';
import { loadSettings } from '../../src/config';

const run = promisify(execFile);
const BUILT_MARK = path.join('dist', 'compare-built');

/** Built sources of a commit. */
export interface Checkout {
  name: string;
  root: string;
}

/** Returns this checkout, which `npm run bench` has built. */
export function ownCheckout(): Checkout {
  return { name: 'this checkout', root: packageRoot() };
}

/** Returns a worktree of the commit with its dependencies, built; it is kept in the cache for the next run. */
export async function checkoutOf(
  commit: string,
  progress: (line: string) => void,
): Promise<Checkout> {
  const own = packageRoot();
  const git = async (...args: string[]) => (await run('git', args, { cwd: own })).stdout.trim();
  const id = await git('rev-parse', '--verify', `${commit}^{commit}`);
  const root = path.join(loadSettings(process.env).cacheDir, 'compare', id);
  const checkout = { name: id.slice(0, 7), root };
  if (await exists(path.join(root, BUILT_MARK))) return checkout;
  progress(`  building ${checkout.name} in ${root} (once)`);
  await rm(root, { recursive: true, force: true });
  await git('worktree', 'prune');
  await git('worktree', 'add', '--detach', root, id);
  const npm = (...args: string[]) => run('npm', args, { cwd: root });
  await npm('ci', '--prefer-offline', '--no-audit', '--no-fund');
  await npm('run', 'build');
  // Also gets the Temporal of that commit.
  await run(process.execPath, ['scripts/obtain-temporal.js'], { cwd: root });
  await run('touch', [BUILT_MARK], { cwd: root });
  return checkout;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
