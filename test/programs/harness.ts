import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type ProgramSource } from '../../src/domain/programs/programs';
import { openPrograms, type Programs } from '../../src/programs/programs';
import { openStore } from '../../src/store/open-store';
import { type Store } from '../../src/store/store';
import { type InstallRequest } from '../../src/programs/installer';

export interface Harness {
  home: string;
  store: Store;
  programs: Programs;
  /** Log of the last installations. */
  log: string[];
  /** Running process groups. */
  groups: Set<number>;
  install(
    source: ProgramSource,
    more?: Partial<InstallRequest>,
    signal?: AbortSignal,
  ): ReturnType<Programs['install']>;
}

/** Creates a data directory with a store and programs; `env` is passed to npm and other tools. */
export async function openHarness(env: NodeJS.ProcessEnv = {}): Promise<Harness> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'mainspring-test-programs-'));
  const store = await openStore(home);
  const groups = new Set<number>();
  const programs = openPrograms({
    home,
    locks: store.locks,
    env: { ...process.env, ...env },
    onSpawn: (pgid) => groups.add(pgid),
    onGone: (pgid) => groups.delete(pgid),
  });
  const log: string[] = [];
  return {
    ...{ home, store, programs, log, groups },
    install: (source, more = {}, signal = new AbortController().signal) =>
      programs.install(
        { source, allowScripts: [], force: false, ...more },
        {
          signal,
          onStep: (step) => log.push(`[${step}]`),
          log: (line) => log.push(line),
        },
      ),
  };
}

export async function closeHarness({ home, store }: Harness): Promise<void> {
  await store.close();
  await rm(home, { recursive: true, force: true });
}
