/** Options that are always passed to an image with an MCP server. */
const IMPLIED = new Set(['run', '-i', '--interactive', '--rm', '-it', '-t', '--tty']);
const ENV_OPTIONS = new Set(['-e', '--env']);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;
/** A text that is only a reference, whatever its name in the document. */
const REFERENCE = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;

export interface DockerOptions {
  options: string[];
  env: Record<string, string>;
}

/**
 * Returns the options of `docker run` in a document, without those that are always passed. Variables of the container
 * are passed through the environment of docker, where secrets are not visible in the process list; references get the
 * name of the variable.
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
