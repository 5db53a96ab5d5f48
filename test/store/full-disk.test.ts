import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { useTemporaryFolder } from '../temporary-folder';

const LOADER = path.resolve(__dirname, '../load-typescript.js');
const PROCESS = path.resolve(__dirname, 'full-disk-process.ts');
const folder = useTemporaryFolder();

/** A small file system in a mount namespace of its own, which ends with the process. */
function onSmallDisk(...command: string[]) {
  const mount = `mount -t tmpfs -o size=2m tmpfs "${folder()}" && exec "$@"`;
  const inNamespace = ['--map-root-user', '--mount', 'sh', '-c', mount, 'sh', ...command];
  return spawnSync('unshare', inNamespace, { encoding: 'utf8' });
}

it('reports a full disk in one line, loses nothing, and continues when there is space again', () => {
  const { stdout, stderr } = onSmallDisk(process.execPath, '-r', LOADER, PROCESS, folder());
  expect(stderr).toBe('');
  const { full, kept, after, half, integrity, strays } = JSON.parse(stdout) as Record<
    string,
    unknown
  >;
  const inDatabase = expect.stringMatching(
    /^DISK_FULL: The database \S+mainspring.db failed: .+$/,
  ) as string;
  const inFile = expect.stringMatching(
    /^DISK_FULL: The stored result \S+ failed: ENOSPC.+$/,
  ) as string;
  expect(full).toEqual({
    // Its processes are known to the guard, and by their marks, too.
    groups: 'written',
    'a group that is gone': 'written',
    events: inDatabase,
    calls: inDatabase,
    locks: inDatabase,
    results: inFile,
  });
  expect(kept).toEqual([[expect.objectContaining({ id: 'before' })], { a: 1 }]);
  expect(after).toEqual({
    groups: 'written',
    'a group that is gone': 'written',
    events: 'written',
    calls: 'written',
    locks: 'written',
    results: 'written',
  });
  expect({ half, integrity, strays }).toEqual({
    ...{ half: null, strays: [] },
    integrity: [{ integrity_check: 'ok' }],
  });
});
