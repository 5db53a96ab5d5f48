import path from 'node:path';
import { type Program } from '../../domain/programs/programs';
import { type ServerEntry } from '../config/config-schema';
import { withAbsoluteFiles } from '../references/references';

/** The bundle that an entry names, with the values of its settings as text. */
export function bundleOf(entry: ServerEntry, mcpb: string, baseDir: string): Program {
  const file = /^https:\/\//i.test(mcpb) ? mcpb : path.resolve(baseDir, mcpb);
  const sha256 = entry.integrity?.replace(/^sha256:/, '');
  const absolute = (text: string) => withAbsoluteFiles(text, baseDir);
  const answer = (value: string | number | boolean | string[]) =>
    Array.isArray(value) ? value.map(absolute) : absolute(String(value));
  const answers = Object.entries(entry.userConfig ?? {});
  return {
    source: { method: 'mcpb', file, ...(sha256 !== undefined && { sha256 }) },
    args: (entry.args ?? []).map(absolute),
    ...(entry.userConfig && {
      userConfig: Object.fromEntries(answers.map(([key, value]) => [key, answer(value)])),
    }),
    allowScripts: entry.allowScripts ?? [],
  };
}
