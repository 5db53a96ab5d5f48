import { readFile as readFileOfHost } from 'node:fs/promises';
import path from 'node:path';
import { MainspringError } from '../domain/errors';
import { type ProcessSpec, type RemoteSpec, type ServerSpec } from '../domain/spec';

/** `${NAME}`, `${NAME:-default}` or `${file:path}`; `$NAME` is plain text. */
const REFERENCE = /\$\{(?:file:([^}]+)|([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?)\}/g;

export type Reference =
  | { kind: 'variable'; field: string; name: string; fallback?: string }
  | { kind: 'file'; field: string; path: string };

export interface ResolvedSpec {
  process?: ProcessSpec;
  remote?: RemoteSpec;
  /** What variables and files contained; the defaults are in the spec for all to see, so they are not here. */
  secrets: string[];
}

export interface ResolveOptions {
  readFile?: (path: string) => Promise<string>;
}

/** Fills in what only the host knows. Everything that is missing is reported at once, and no value is shown. */
export async function resolveReferences(
  spec: ServerSpec,
  env: Readonly<Record<string, string | undefined>>,
  { readFile = (file) => readFileOfHost(file, 'utf8') }: ResolveOptions = {},
): Promise<ResolvedSpec> {
  const references = listReferences(spec);
  checkVariables(spec.name, references, env);
  const files = await readFiles(spec.name, references, readFile);
  const secrets = new Set<string>();
  const lookUp = (reference: Reference) => {
    const value = reference.kind === 'file' ? files.get(reference.path) : env[reference.name];
    if (reference.kind === 'variable' && !value && reference.fallback !== undefined) {
      return reference.fallback;
    }
    if (value) secrets.add(value);
    return value ?? '';
  };
  const fill = (text: string, field: string) =>
    text.replace(REFERENCE, (...match: string[]) => lookUp(referenceOf(field, match)));
  const resolved = mapTexts(spec, fill);
  return { ...resolved, secrets: [...secrets] };
}

/** Every reference of a spec with the field it is in. */
export function listReferences(spec: ServerSpec): Reference[] {
  const references: Reference[] = [];
  mapTexts(spec, (text, field) => {
    for (const match of text.matchAll(REFERENCE)) references.push(referenceOf(field, match));
    return text;
  });
  return references;
}

/** The text with the paths of its `${file:path}` references resolved: the host does not know the base directory. */
export function withAbsoluteFiles(text: string, baseDir: string): string {
  return text.replace(REFERENCE, (whole: string, file?: string) =>
    file === undefined ? whole : `\${file:${path.resolve(baseDir, file)}}`,
  );
}

/** What looks like a reference and is none, such as `${my-key}`. */
export function unknownReferences(text: string): string[] {
  return text.replace(REFERENCE, '').match(/\$\{[^}]*\}?/g) ?? [];
}

function referenceOf(field: string, match: ArrayLike<string | undefined>): Reference {
  const [, file, name = '', fallback] = Array.from(match);
  if (file !== undefined) return { kind: 'file', field, path: file };
  return { kind: 'variable', field, name, ...(fallback !== undefined && { fallback }) };
}

function checkVariables(
  server: string,
  references: Reference[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  const unset = references.flatMap((reference) => {
    if (reference.kind === 'file' || reference.fallback !== undefined) return [];
    return env[reference.name] === undefined ? [reference] : [];
  });
  if (unset.length === 0) return;
  const named = unset.map(({ name, field }) => `${name} (in ${field})`).join(', ');
  const plural = unset.length > 1 ? 'Variables that are not set' : 'A variable that is not set';
  throw new MainspringError('VARIABLE_UNSET', `${plural} for server "${server}": ${named}.`);
}

async function readFiles(
  server: string,
  references: Reference[],
  readFile: (path: string) => Promise<string>,
): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  for (const reference of references) {
    if (reference.kind !== 'file' || contents.has(reference.path)) continue;
    try {
      const content = await readFile(reference.path);
      contents.set(reference.path, content.replace(/\r?\n$/, ''));
    } catch (error) {
      throw new MainspringError(
        'FILE_NOT_FOUND',
        `Server "${server}" refers to ${reference.path} in ${reference.field}, which cannot be read.`,
        { cause: error },
      );
    }
  }
  return contents;
}

/** A copy of the texts that may hold references, each changed by `change`, which is told the field's name. */
function mapTexts(
  { process, remote }: ServerSpec & { remote?: RemoteSpec },
  change: (text: string, field: string) => string,
): { process?: ProcessSpec; remote?: RemoteSpec } {
  const changeMembers = (texts: Record<string, string>, field: string) =>
    Object.fromEntries(
      Object.entries(texts).map(([key, text]) => [key, change(text, `${field}.${key}`)]),
    );
  return {
    ...(process && {
      process: {
        command: change(process.command, 'command'),
        args: process.args.map((arg, index) => change(arg, `args[${index}]`)),
        env: changeMembers(process.env, 'env'),
        cwd: change(process.cwd, 'cwd'),
      },
    }),
    ...(remote && {
      remote: {
        url: change(remote.url, 'url'),
        headers: changeMembers(remote.headers, 'headers'),
      },
    }),
  };
}
