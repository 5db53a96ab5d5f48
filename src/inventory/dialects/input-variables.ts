import { type ServerEntry } from '../config/config-schema';
import { mapMembers } from '../fields/member-text';
import { variableNameOf } from '../references/references';

const INPUT = /\$\{input:([^}]+)\}/g;

/** Replaces `${input:id}` by its variable, for programs without inputs. */
export function withVariables(entry: ServerEntry): ServerEntry {
  const change = (text: string) =>
    text.replace(INPUT, (_whole, id: string) => `\${${variableNameOf(id)}}`);
  const { args, env, headers, url } = entry;
  return {
    ...entry,
    ...(args && { args: args.map(change) }),
    ...(env && { env: mapMembers(env, change) }),
    ...(url !== undefined && { url: change(url) }),
    ...(headers && { headers: mapMembers(headers, change) }),
  };
}
