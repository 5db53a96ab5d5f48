import { type ServerEntry } from '../../offline/check-new-entry';
import { type LoadedTemplate, type ParameterInput } from '../../offline/templates';
import { MainspringError } from '../../base/errors';
import { type GlobalOptions } from '../command';

export interface AddOptions extends GlobalOptions {
  url?: string;
  type?: ServerEntry['type'];
  env: Record<string, string>;
  header: Record<string, string>;
  cwd?: string;
  tag: string[];
  asIs?: boolean;
  allowScripts: string[];
  onDemand?: boolean;
  replicas?: number;
  requires: string[];
  template?: string;
  set: string[];
  dryRun?: boolean;
  start: boolean;
  wait: boolean;
}

/** A server as the flags of `mainspring add` describe it. */
export interface NewServer {
  name: string;
  entry: ServerEntry;
  /** Values by the names that the entry refers to. */
  secrets: Record<string, string>;
  warnings: string[];
}

/** Returns the server that the command line describes; templates are read only when one is named. */
export async function newServer(
  name: string | undefined,
  command: readonly string[],
  options: AddOptions,
  home: string,
): Promise<NewServer> {
  if (options.template !== undefined) {
    return fromTemplate(name, command, { ...options, template: options.template }, home);
  }
  if (options.set.length > 0) throw wrong('--set can only be used with --template.');
  if (name === undefined) {
    const where =
      command.length > 0 ? ` before "--": mainspring add <name> -- ${command.join(' ')}` : '.';
    throw wrong(`A server needs a name${where}`);
  }
  const [program, ...args] = command;
  const { url, type } = options;
  if (program === undefined && url === undefined) throw wrong('A server needs a command or a URL.');
  const entry = {
    ...(type && { type }),
    ...(program !== undefined && { command: program, args }),
    ...(url !== undefined && { url }),
  };
  return { name, entry: withFlags(entry, options), secrets: {}, warnings: [] };
}

async function fromTemplate(
  name: string | undefined,
  command: readonly string[],
  options: AddOptions & { template: string },
  home: string,
): Promise<NewServer> {
  if (command.length > 0 || options.url !== undefined || options.type !== undefined) {
    throw wrong('--template cannot be used with a command, --url or --type.');
  }
  const { checkPaths, fillTemplate, findTemplate } = await import('../../offline/templates.js');
  const template = await findTemplate(home, options.template);
  const server = name ?? template.name;
  const values = valuesOf(options.set, template);
  const { entry, secrets } = fillTemplate(template, { server, values, baseDir: process.cwd() });
  if (!options.dryRun) checkPaths(template, values, process.cwd());
  return { name: server, entry: withFlags(entry, options), secrets, warnings: remarks(template) };
}

/** Parses `--set key=value`; a key that is repeated makes a list. */
function valuesOf(sets: readonly string[], { name }: LoadedTemplate) {
  const values = new Map<string, string[]>();
  for (const set of sets) {
    const at = set.indexOf('=');
    if (at <= 0) {
      throw new MainspringError('WRONG_USAGE', 'Expected --set <key>=<value>.', {
        fix: `List the keys: mainspring templates ${name}.`,
      });
    }
    const key = set.slice(0, at);
    values.set(key, [...(values.get(key) ?? []), set.slice(at + 1)]);
  }
  return Object.fromEntries(
    [...values].map(([key, texts]): [string, ParameterInput] => [
      key,
      texts.length === 1 ? (texts[0] ?? '') : texts,
    ]),
  );
}

function withFlags(entry: ServerEntry, options: AddOptions): ServerEntry {
  const { env, header, cwd, tag, asIs, allowScripts, onDemand, replicas, requires } = options;
  const tags = [...(entry.tags ?? []), ...tag];
  return {
    ...entry,
    ...(Object.keys(env).length > 0 && { env: { ...entry.env, ...env } }),
    ...(Object.keys(header).length > 0 && { headers: { ...entry.headers, ...header } }),
    ...(cwd !== undefined && { cwd }),
    ...(tags.length > 0 && { tags }),
    ...(asIs && { asIs }),
    ...(allowScripts.length > 0 && { allowScripts }),
    ...(onDemand && { activation: 'on-demand' as const }),
    ...(replicas !== undefined && { replicas }),
    ...(requires.length > 0 && { requires }),
  };
}

/** Returns remarks for a user who adds a server from this template. */
export function remarks({ name, deprecated }: LoadedTemplate): string[] {
  if (!deprecated) return [];
  const { reason, successor } = deprecated;
  const instead = successor === undefined ? '' : ` Use the template "${successor}" instead.`;
  return [`template ${name}: ${reason}${instead}`];
}

function wrong(message: string): MainspringError {
  return new MainspringError('WRONG_USAGE', message, { fix: ADD_WAYS });
}

/** Flags that replace the wizard. */
export const ADD_WAYS =
  'mainspring add <name> -- <command> [args…], mainspring add <name> --url <url>, or ' +
  'mainspring add [name] --template <template> --set <key>=<value>.';
