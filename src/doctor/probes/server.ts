import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { MainspringError, reportOf } from '../../base/errors';
import { type ProcessSpec, type ServerSpec } from '../../domain/spec';
import { type InventoryServer } from '../../inventory/inventory';
import { specOf } from '../../inventory/normalise';
import {
  listReferences,
  type ResolvedSpec,
  resolveReferences,
} from '../../inventory/references/references';
import { lookUpVariables, type Variables } from '../../inventory/references/variables';
import { secretFields } from '../../inventory/config/warnings';
import { resolveCommand } from '../../process/command';
import { inheritedEnv } from '../../process/environment';
import { createMask } from '../../process/mask';
import { readStartVariable } from '../../process/proc';
import { type ServerFacts } from '../facts';
import { type HostVariableCheck, variableFacts } from '../variable-facts';

export interface ServerProbeContext {
  env: NodeJS.ProcessEnv;
  home: string;
  /** Pid of the running host, whose variables take precedence. */
  hostPid?: number | undefined;
}

/** Examines a server of the inventory on this machine, with its references resolved as a host does. */
export async function probeServer(
  name: string,
  server: InventoryServer,
  { env, home, hostPid }: ServerProbeContext,
): Promise<ServerFacts> {
  const { asIs: isAsIs = false } = server.entry;
  const fields = { name, isAsIs, secretFields: secretFields(server.entry) };
  const spec = specOrProblem(name, server);
  if (spec instanceof MainspringError) {
    const problem = spec.message;
    return { ...fields, problem, variables: [], unreadableFiles: [], unmasked: [] };
  }
  const variables = await lookUpVariables(spec, env, home);
  const fromFiles = await lookUpVariables(spec, {}, home);
  const resolved = await resolveReferences(spec, variables).catch(() => undefined); // what is missing is told by name below
  const [unreadableFiles, commandProblem, absentPath] = await Promise.all([
    unreadableFilesOf(spec),
    commandProblemOf(spec, resolved),
    absentPathOf(spec),
  ]);
  return {
    ...fields,
    spec,
    variables: variableFacts(spec, variables, hostVariableCheck(hostPid, fromFiles)),
    unreadableFiles,
    unmasked: resolved?.unmasked ?? [],
    ...(commandProblem && { commandProblem }),
    ...(absentPath !== undefined && { absentPath }),
  };
}

function specOrProblem(name: string, server: InventoryServer): ServerSpec | MainspringError {
  try {
    return specOf(name, server);
  } catch (error) {
    if (error instanceof MainspringError) return error;
    throw error;
  }
}

/** Looks up a variable as the host does: its start environment first, then the files that it reads at every start. */
function hostVariableCheck(hostPid: number | undefined, fromFiles: Variables): HostVariableCheck {
  if (hostPid === undefined || readStartVariable(hostPid, 'PATH') === undefined) {
    return () => undefined;
  }
  return (name) => (readStartVariable(hostPid, name) ?? fromFiles[name]) !== undefined;
}

async function unreadableFilesOf(spec: ServerSpec): Promise<ServerFacts['unreadableFiles']> {
  const referencedFiles = listReferences(spec).flatMap((reference) =>
    reference.kind === 'file' ? [{ field: reference.field, file: reference.path }] : [],
  );
  const envFile = spec.process?.envFile;
  if (envFile !== undefined) referencedFiles.push({ field: 'envFile', file: envFile });
  const checked = await Promise.all(
    referencedFiles.map(async (one) => ((await canRead(one.file)) ? [] : [one])),
  );
  return checked.flat();
}

/**
 * Returns why the command cannot be started. Programs that Mainspring installs have no command of the user's; images
 * are started by the engine's.
 */
async function commandProblemOf(
  spec: ServerSpec,
  resolved: ResolvedSpec | undefined,
): Promise<ServerFacts['commandProblem']> {
  const method = spec.process?.program?.source.method;
  if (!spec.process || (method !== undefined && method !== 'docker')) return undefined;
  const process = resolved?.process ?? spec.process;
  const env = { ...inheritedEnv(), ...process.env };
  if (hasUnresolvedReference(process, env)) return undefined;
  try {
    resolveCommand(process.command, process.cwd, env);
    return undefined;
  } catch (error) {
    const { code, message, fix } = reportOf(error);
    const masked = createMask(resolved?.secrets ?? []);
    return { code, message: masked(message), fix: masked(fix) };
  }
}

/** Whether the command depends on a missing variable, which has its own finding. */
function hasUnresolvedReference(
  { command, cwd }: ProcessSpec,
  env: Record<string, string>,
): boolean {
  return [command, cwd, env.PATH ?? ''].some((text) => text.includes('${'));
}

async function absentPathOf({ process }: ServerSpec): Promise<string | undefined> {
  const source = process?.program?.source;
  const location =
    source && ('dir' in source ? source.dir : 'file' in source ? source.file : undefined);
  if (location === undefined || /^https:\/\//i.test(location)) return undefined;
  return access(location).then(
    () => undefined,
    () => location,
  );
}

async function canRead(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}
