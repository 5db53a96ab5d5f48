import { join } from 'node:path';
import { MainspringError, reportOf } from '../../src/base/errors';
import { type ServerSpec } from '../../src/domain/spec';
import { type ToolCatalogue } from '../../src/domain/catalogue/tools';
import { resolveReferences } from '../../src/inventory/references/references';
import { lookUpVariables } from '../../src/inventory/references/variables';
import { withPassedVariables } from '../../src/inventory/references/passed-variables';
import { openConnection } from '../../src/mcp/session/connection';
import { hashTools } from '../../src/mcp/lists/tools-hash';
import { checkCommand } from '../../src/process/command';
import { containersFolder } from '../../src/process/container';
import { openServerLog } from '../../src/process/log-file';
import { type LiveConnection } from '../../src/mcp/session/live-connection';
import { identityOf } from '../../src/process/process-identity';
import { createGrowingMask, type Mask, masked } from '../../src/process/mask';
import { openSealedGrants } from '../../src/oauth/grant-storage';
import { type HostDeps } from '../deps';
import { examineTools } from '../server/examine-tools';
import { listAtStart } from '../server/list-at-start';
import { requestRenewal } from '../oauth/request-renewal';
import { authorizationOf } from '../oauth/oauth-authorization';
import { runnable } from './runnable';
import { type Launched } from '../server/supervised-server';
import { sha256 } from '../../src/base/sha256';

/** Path of the log with the stderr of a server. */
export const serverLogFile = (home: string, name: string) =>
  join(home, 'logs', 'servers', `${name}.log`);

export interface LaunchOptions {
  isUrgent: boolean;
  /** Called with the tools that the server lists, before any call can reach it. */
  sawTools: (catalogue: ToolCatalogue) => Promise<void>;
}

/**
 * Starts or connects to the server of a spec, and lists its tools. Programs wait for their turn, and the clock of their
 * start runs from then on; a remote server costs this machine nothing.
 */
export async function launch(
  deps: HostDeps,
  spec: ServerSpec,
  signal: AbortSignal,
  { isUrgent, sawTools }: LaunchOptions,
): Promise<Launched> {
  const installed = await runnable(deps, spec, signal);
  const start = () => startInstalled(deps, { asked: spec, installed }, signal, sawTools);
  return spec.process ? deps.starts(start, signal, { isUrgent }) : start();
}

async function startInstalled(
  deps: HostDeps,
  { asked, installed: spec }: { asked: ServerSpec; installed: ServerSpec },
  signal: AbortSignal,
  sawTools: LaunchOptions['sawTools'],
): Promise<Launched> {
  const logFile = serverLogFile(deps.home, spec.name);
  const values = await valuesOf(deps, asked);
  const { connection, ...known } = await open(deps, spec, { signal, logFile });
  try {
    const { tools, flaws } = await listAtStart(deps.store.catalogue, spec.name, connection);
    const listed = {
      server: spec.name,
      toolsHash: hashTools(tools),
      tools,
      flaws,
      listedAtMs: Date.now(),
    };
    const catalogue = await examineTools(deps.store, listed, known.mask);
    await sawTools(catalogue);
    return { ...known, connection, catalogue, values };
  } catch (error) {
    await connection.kill();
    // A server that refuses to list its tools may repeat what it was given.
    const { code, message, fix } = reportOf(error);
    throw masked(new MainspringError(code, message, { fix, cause: error }), known.mask);
  }
}

export interface Connected {
  connection: LiveConnection;
  /** Hides the secrets that the server was given. */
  mask: Mask;
  /** Spec with resolved references: it holds secrets, and never leaves this host. */
  resolved: ServerSpec;
}

interface Opening {
  signal: AbortSignal;
  logFile: string;
}

/** Resolves the secrets of a spec and starts or connects to its server; whatever happens, nothing outlives this host. */
export async function connect(
  deps: HostDeps,
  spec: ServerSpec,
  opening: Opening,
): Promise<Connected> {
  return open(deps, await runnable(deps, spec, opening.signal), opening);
}

async function open(
  deps: HostDeps,
  spec: ServerSpec,
  { signal, logFile }: Opening,
): Promise<Connected> {
  const { hostId, guard, groups, key, client, store } = deps;
  const { resolved, secrets } = await resolve(spec, deps);
  const mask = createGrowingMask(secrets);
  const authorization = authorizationOf(resolved, {
    grants: openSealedGrants(store.grants, key),
    renew: (grant, staleVersion) => requestRenewal(client, grant, staleVersion),
    onToken: (token) => mask.add(token),
  });
  const log = openServerLog(logFile, mask);
  const connection = await openConnection(resolved, {
    hostId,
    log,
    signal,
    containers: containersFolder(deps.home, hostId, identityOf(process.pid)),
    authorization,
    onSpawn: (pgid) => {
      guard.watch(pgid);
      groups.add(pgid, spec.name);
    },
    onGone: (pgid) => {
      guard.release(pgid);
      groups.remove(pgid);
    },
  }).catch(async (error: unknown) => {
    await log.close();
    throw error;
  });
  void connection.closed.then(() => log.close());
  return { connection, mask, resolved };
}

/** Returns the spec as its server is started: its resolved references hold secrets, and never leave this host. */
export async function prepare(
  deps: HostDeps,
  spec: ServerSpec,
  signal: AbortSignal,
): Promise<{ spec: ServerSpec; secrets: string[] }> {
  const { resolved, secrets } = await resolve(await runnable(deps, spec, signal), deps);
  return { spec: resolved, secrets };
}

/** Throws if this spec certainly cannot start, while the old child still runs. */
export async function checkLaunchable(deps: HostDeps, spec: ServerSpec): Promise<void> {
  const { resolved } = await resolve(spec, deps);
  const { process } = resolved;
  // The runtime of an installed program is known only when it is installed.
  if (process && !process.program) checkCommand(process.command, process.cwd, process.env);
}

/** Digest of the current values of a spec's references, to detect changes. */
export async function valuesOf(
  deps: Pick<HostDeps, 'env' | 'home'>,
  spec: ServerSpec,
): Promise<string> {
  const { resolved } = await resolve(spec, deps);
  return sha256(JSON.stringify(resolved));
}

async function resolve(
  asked: ServerSpec,
  { env, home }: Pick<HostDeps, 'env' | 'home'>,
): Promise<{ resolved: ServerSpec; secrets: string[] }> {
  const variables = await lookUpVariables(asked, env, home);
  const spec = withPassedVariables(asked, variables);
  // The secret of a client is needed only at a login, and is kept with its grant.
  const { process, remote, secrets } = await resolveReferences(withoutAuth(spec), variables);
  if (spec.type === 'stdio') {
    return { resolved: { ...spec, process: process ?? spec.process }, secrets };
  }
  return { resolved: { ...spec, remote: remote ?? spec.remote, process }, secrets };
}

function withoutAuth(spec: ServerSpec): ServerSpec {
  if (spec.type === 'stdio') return spec;
  const { auth: _auth, ...others } = spec;
  return others;
}
