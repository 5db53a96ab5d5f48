import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ENGINE_VARIABLES, isOwnable } from '../domain/programs/container-run';
import { type ProcessSpec } from '../domain/spec';
import { resolveCommand } from './command';
import { inheritedEnv } from './environment';
import { hostMark, hostsFolder } from './group-records';
import { type ProcessIdentity } from './process-identity';

/** Timeout for an engine that does not answer: it must not keep a server from being stopped. */
const END_TIMEOUT_MS = 15_000;
const SCRIPT = '.sh';

const run = promisify(execFile);

/** Container of a server. It is not a child of the client that started it, and survives when that is killed. */
export interface OwnedContainer {
  /** Arguments that replace those of its server. */
  args: string[];
  /** Ends the container, if it still exists; never rejects. */
  end(): Promise<void>;
}

/** Returns the folder in which a host process keeps the scripts that end its containers. */
export function containersFolder(home: string, hostId: string, host: ProcessIdentity): string {
  return join(hostsFolder(home), `${hostId}.${hostMark(host)}.containers`);
}

/**
 * Takes ownership of the container of a command that runs one; returns undefined for any other. Before it starts, a
 * script that ends it is in `folder`: the guard or another host that cleans up after this process only has to run that.
 */
export function ownContainer(spec: ProcessSpec, folder: string): OwnedContainer | undefined {
  if (!isOwnable(spec)) return undefined;
  const env = { ...inheritedEnv(), ...spec.env };
  const engine = resolveCommand(spec.command, spec.cwd, env);
  const file = join(folder, randomUUID());
  const idFile = `${file}.cid`;
  const script = `${file}${SCRIPT}`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(script, endScript({ engine, spec, env, idFile, script }), { mode: 0o600 });
  const [verb = 'run', ...rest] = spec.args;
  return {
    args: [verb, '--cidfile', idFile, ...rest],
    end: () => endBy(script),
  };
}

/** Ends all containers of a host process that is gone. */
export async function endContainers(folder: string): Promise<void> {
  const scripts = namesIn(folder).filter((name) => name.endsWith(SCRIPT));
  await Promise.all(scripts.map((name) => endBy(join(folder, name))));
  rmSync(folder, { recursive: true, force: true });
}

interface EndScript {
  engine: string;
  spec: ProcessSpec;
  env: Record<string, string>;
  idFile: string;
  script: string;
}

/** Returns the script that ends a container. One that its user keeps (no `--rm`) is only stopped. */
function endScript({ engine, spec, env, idFile, script }: EndScript): string {
  const settings = ['PATH', 'HOME', ...ENGINE_VARIABLES].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [`export ${name}=${quoted(value)}`];
  });
  const how = spec.args.includes('--rm') ? 'rm --force' : 'stop --time 1';
  return [
    ...settings,
    `id=$(cat ${quoted(idFile)} 2>/dev/null)`,
    `[ -n "$id" ] && ${quoted(engine)} ${how} "$id" >/dev/null 2>&1`,
    `rm -f ${quoted(idFile)} ${quoted(script)}`,
    '',
  ].join('\n');
}

async function endBy(script: string): Promise<void> {
  // The container may already be gone, and an engine that fails would fail again: the script runs once, whatever the result.
  await run('/bin/sh', [script], { timeout: END_TIMEOUT_MS }).catch(() => undefined);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // it had none
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
