/** What every command that runs an image for MCP has anyway. */
const IMPLIED = new Set(['run', '-i', '--interactive', '--rm', '-it', '-t', '--tty']);
const ENV_OPTIONS = new Set(['-e', '--env']);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;
/** Nothing but a reference, whatever its document calls it. */
const REFERENCE = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;

export interface DockerOptions {
  options: string[];
  env: Record<string, string>;
}

/**
 * The options of `docker run` that a document asks for, without those that it has anyway. What goes into the container's environment
 * goes by way of that of docker, where a secret is not seen in the list of processes; its reference is named like the variable.
 */
export function dockerOptions(given: readonly string[]): DockerOptions {
  const options: string[] = [];
  const env: Record<string, string> = {};
  for (let at = 0; at < given.length; at++) {
    const option = given[at] ?? '';
    const [, name, value = ''] = ASSIGNMENT.exec(given[at + 1] ?? '') ?? [];
    if (ENV_OPTIONS.has(option) && name !== undefined) {
      env[name] = REFERENCE.test(value) ? `\${${name}}` : value;
      at++;
    } else if (!IMPLIED.has(option)) options.push(option);
  }
  return { options, env };
}
