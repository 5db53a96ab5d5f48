import { isObject, type Members } from '../dialect';

const LAUNCHERS: ReadonlyMap<unknown, string> = new Map([
  ['nodejs', 'node'],
  ['python', 'python'],
]);

/** Adds the command that a runtime type implies, or the one that runs a docker image. */
export function withLauncher(entry: Members): Members {
  const { type, command, script, image, args, ...rest } = entry;
  if (command !== undefined || typeof type !== 'string') return entry;
  const given: unknown[] = Array.isArray(args) ? args : [];
  const launcher = LAUNCHERS.get(type);
  if (launcher !== undefined && (script !== undefined || given.length > 0)) {
    const all = script === undefined ? given : [script, ...given];
    return { ...rest, type, command: launcher, args: all };
  }
  if (type !== 'docker' || typeof image !== 'string') return entry;
  const { env } = rest;
  const passed = isObject(env) ? Object.keys(env).flatMap((name) => ['-e', name]) : [];
  return {
    ...rest,
    type,
    command: 'docker',
    args: ['run', '-i', '--rm', ...passed, image, ...given],
  };
}
