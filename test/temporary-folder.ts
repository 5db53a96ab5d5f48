import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** A new folder (0700) for every test of the file. It is removed when all that the test has to end is ended, whichever hook does that. */
export function useTemporaryFolder(): () => string {
  let folder: string | undefined;
  const remove = async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  beforeEach(async () => {
    await remove();
    folder = await mkdtemp(path.join(os.tmpdir(), 'mainspring-test-'));
  });
  afterAll(remove);
  return () => {
    if (folder === undefined) throw new Error('there is a folder only while a test runs');
    return folder;
  };
}
