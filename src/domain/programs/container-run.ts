import { type ProcessSpec } from '../spec';

/** Clients of container engines, which run the container elsewhere. */
const ENGINES: ReadonlySet<string> = new Set(['docker', 'podman']);
const DETACHED = /^(?:--detach(?:=true)?|-[a-z]*d[a-z]*)$/;
const OWN_ID_FILE = /^--cidfile(?:=|$)/;
const PASSED = /^(?:-e|--env)$/;
const PASSED_AT_ONCE = /^(?:-e|--env=)([A-Za-z_][A-Za-z0-9_]*)$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Variables by which a client finds its engine. */
export const ENGINE_VARIABLES = [
  ...['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'DOCKER_CERT_PATH', 'DOCKER_TLS_VERIFY'],
  ...['CONTAINER_HOST', 'CONTAINER_CONNECTION'],
] as const;

export interface CommandLine {
  command: string;
  args: readonly string[];
}

/** Returns the command line of a program; for one that Mainspring installs, as its user wrote it. */
export function lineOf({ command, args, program }: ProcessSpec): CommandLine {
  if (program?.source.method !== 'docker') return { command, args };
  return { command: 'docker', args: program.source.options };
}

/** Whether a command runs a container in the foreground. */
export function runsContainer({ command, args }: CommandLine): boolean {
  const program = command.slice(command.lastIndexOf('/') + 1);
  return ENGINES.has(program) && args[0] === 'run' && !args.some((arg) => DETACHED.test(arg));
}

/** Whether no other program keeps account of the container. */
export function isOwnable(line: CommandLine): boolean {
  return runsContainer(line) && !line.args.some((arg) => OWN_ID_FILE.test(arg));
}

/** Returns the variables that the client passes on with its own value: `-e NAME`. */
export function passedVariables(line: CommandLine): string[] {
  if (!runsContainer(line)) return [];
  const names = line.args.flatMap((arg, at) => {
    const next = line.args[at + 1] ?? '';
    if (PASSED.test(arg)) return NAME.test(next) ? [next] : [];
    return PASSED_AT_ONCE.exec(arg)?.[1] ?? [];
  });
  return [...new Set(names)];
}
