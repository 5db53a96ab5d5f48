import path from 'node:path';
import { type ServerEntry } from '../../config/config-schema';
import { mapMembers } from '../../fields/member-text';
import { withAbsoluteFiles, withHome } from '../../references/references';

/** An argument that is probably a file beside the config; only the program can know. */
const RELATIVE_FILE = /^(?:\.\.?\/.*|[^-/$][^:]*\.(?:[cm]?[jt]s|py|jar|json))$/;

/**
 * Rewrites the entry of a config in folder `from` so that it has the same meaning in folder `to`; `to` is undefined
 * when the target is not known yet.
 */
export function relocateEntry(
  entry: ServerEntry,
  from: string,
  to: string | undefined,
): ServerEntry {
  if (from === to) return entry;
  const absolute = (text: string) => withAbsoluteFiles(text, from);
  const located = (text: string) => {
    const withHomeFolder = withHome(absolute(text));
    return withHomeFolder.startsWith('${') ? withHomeFolder : path.resolve(from, withHomeFolder);
  };
  const { command, args, env, headers, cwd, url, envFile, mcpb } = entry;
  const isBeside = cwd === undefined && (args ?? []).some((arg) => RELATIVE_FILE.test(arg));
  return {
    ...entry,
    ...(command !== undefined && { command: command.includes('/') ? located(command) : command }),
    ...(args && { args: args.map(absolute) }),
    ...(env && { env: mapMembers(env, absolute) }),
    ...(cwd !== undefined && { cwd: located(cwd) }),
    ...(isBeside && { cwd: from }),
    ...(url !== undefined && { url: absolute(url) }),
    ...(headers && { headers: mapMembers(headers, absolute) }),
    ...(envFile !== undefined && { envFile: located(envFile) }),
    ...(mcpb !== undefined && { mcpb: /^https:\/\//i.test(mcpb) ? mcpb : located(mcpb) }),
  };
}
