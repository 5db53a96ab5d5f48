import { type InstalledProgram, type RunCommand } from '../../src/domain/programs/programs';
import { type ProcessSpec, type ServerSpec } from '../../src/domain/spec';
import { fillUserConfig } from '../../src/programs/bundle/user-config';
import { type HostDeps } from '../deps';

/** Returns the spec with the installed program in place of what its user wrote; installs it when this host does not have it. */
export async function runnable<Spec extends ServerSpec>(
  { programs }: HostDeps,
  spec: Spec,
  signal: AbortSignal,
): Promise<Spec> {
  const program = spec.process?.program;
  if (!spec.process || !program) return spec;
  const { source, pin, allowScripts } = program;
  const io = { signal, onStep: () => undefined, log: () => undefined };
  const installed = await programs.install({ source, pin, allowScripts, force: false }, io);
  return { ...spec, process: processOf(spec.process, installed) };
}

function processOf({ program, ...process }: ProcessSpec, { run }: InstalledProgram): ProcessSpec {
  const filled: RunCommand = fillUserConfig(run, program?.userConfig ?? {});
  return {
    ...process,
    command: filled.command,
    args: [...filled.args, ...(program?.args ?? [])],
    env: { ...filled.env, ...process.env },
  };
}
