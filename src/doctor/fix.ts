import { chmod } from 'node:fs/promises';
import { ensureHome } from '../config';
import { reportOf } from '../base/errors';
import { installUv } from '../programs/python/python-uv-install';
import { createRunTool } from '../programs/run-tool';
import { type Finding } from './finding';

export interface FixIo {
  home: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** What is being done now, for people. */
  onStep: (step: string) => void;
}

/** What was done about one finding, or why not. */
export interface Fix {
  id: string;
  done: boolean;
  detail: string;
}

/** Does what needs no root: the data directory first, because the tools go into it. */
export async function fixFindings(findings: readonly Finding[], io: FixIo): Promise<Fix[]> {
  const fixes: Fix[] = [];
  for (const [id, repair] of REPAIRS) {
    if (!findings.some((finding) => finding.id === id && finding.fixable)) continue;
    try {
      fixes.push({ id, done: true, detail: await repair(io) });
    } catch (error) {
      io.signal.throwIfAborted();
      fixes.push({ id, done: false, detail: reportOf(error).message });
    }
  }
  return fixes;
}

const REPAIRS: readonly [string, (io: FixIo) => Promise<string>][] = [
  ['home', closeHome],
  ['uv', ownUv],
];

async function closeHome({ home, onStep }: FixIo): Promise<string> {
  onStep('Making the data directory private');
  await chmod(home, 0o700).catch(() => undefined); // it may not be there yet; the next line says what is wrong
  await ensureHome(home);
  return `${home} is only accessible to its user`;
}

async function ownUv({ home, env, signal, onStep }: FixIo): Promise<string> {
  onStep('Installing uv into the tools folder');
  const host = { env, onSpawn: () => undefined, onGone: () => undefined };
  const io = { signal, onStep: () => undefined, log: () => undefined };
  return `uv is at ${await installUv(home, { ...io, env, run: createRunTool(host, io) })}`;
}
