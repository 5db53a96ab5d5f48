import { createHash } from 'node:crypto';
import { type Program, type ProgramPin } from '../../src/domain/programs/programs';
import { type ErrorReport } from '../../src/base/errors';
import { type SessionReady } from '../../src/domain/entity/session';
import {
  DEFAULT_LIMITS,
  DEFAULT_RESTART,
  DEFAULT_RETRY,
  DEFAULT_TIMEOUTS,
  type RestartPolicy,
  type StdioSpec,
} from '../../src/domain/spec';
import { type Owner } from '../../src/domain/entity/owner';
import { type SignedSpec } from '../../src/domain/trust/signed-spec';

export function stdioSpec(over: Partial<StdioSpec> = {}): StdioSpec {
  return {
    name: 'files',
    type: 'stdio',
    process: { command: '/usr/bin/files', args: [], env: {}, cwd: '/' },
    timeouts: DEFAULT_TIMEOUTS,
    restart: DEFAULT_RESTART,
    limits: DEFAULT_LIMITS,
    retry: DEFAULT_RETRY,
    tags: [],
    overlap: false,
    protocol: 'auto',
    enabled: true,
    autostart: true,
    ...over,
  };
}

export function signedSpec(over: Partial<StdioSpec> = {}): SignedSpec {
  const spec = stdioSpec(over);
  return { spec, signature: createHash('sha256').update(JSON.stringify(spec)).digest('hex') };
}

/** The spec of a server whose program Mainspring installs. */
export function programSpec(name: string, over: Partial<Program> = {}): Partial<StdioSpec> {
  const program: Program = {
    source: { method: 'npm', package: 'thing', wanted: 'latest' },
    args: ['.'],
    allowScripts: [],
    ...over,
  };
  return {
    name,
    process: { command: 'npx', args: ['-y', 'thing', '.'], env: {}, cwd: '/', program },
  };
}

/** The spec with this version of its program. */
export function pinnedSpec({ spec }: SignedSpec, pin: ProgramPin): SignedSpec {
  if (spec.type !== 'stdio' || !spec.process.program) throw new TypeError('it has no program');
  const program = { ...spec.process.program, pin };
  return signedSpec({ ...spec, process: { ...spec.process, program } });
}

/** Without jitter, so that delays are exact. */
export function restartPolicy(over: Partial<RestartPolicy> = {}): RestartPolicy {
  return { ...DEFAULT_RESTART, jitter: 0, ...over };
}

export function ownerOf(generation: number, epoch = 1): Owner {
  return { generation, epoch, host: `host-${epoch}`, hostPid: 1_000 + epoch };
}

export function readyOf(
  generation: number,
  { epoch = 1, ...over }: Partial<SessionReady> = {},
): SessionReady {
  return {
    ...ownerOf(generation, epoch),
    pid: 4_000 + epoch,
    restarts: 0,
    toolsHash: 'a hash',
    tools: 3,
    serverInfo: { name: 'files', version: '1.0.0' },
    protocolVersion: '2025-06-18',
    reason: 'ready',
    ...over,
  };
}

export const CRASHED: ErrorReport = {
  code: 'SERVER_EXITED',
  message: 'it exited with code 7',
  fix: 'Read its output.',
};
