import { readFile as readFileOfHost } from 'node:fs/promises';
import path from 'node:path';
import { MainspringError } from '../../base/errors';
import { type AuthSpec } from '../../domain/oauth/oauth';
import { isSecretName, splitScheme } from '../../domain/trust/secret-values';
import {
  type InputSpec,
  type ProcessSpec,
  type RemoteSpec,
  type ServerSpec,
} from '../../domain/spec';
import { variablesIn } from './env-text';
import { JudgedValues, type UnmaskedValue } from './judged-values';
import { setVariablesFix } from './unset-variable';

/**
 * Matches `${NAME}`, `${NAME:-default}`, `${file:path}`, and the editors' `${env:NAME}` and `${input:id}`; `$NAME` is
 * plain text.
 */
export const REFERENCE =
  /\$\{(?:file:([^}]+)|input:([^}]+)|(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?)\}/g;

/** Sources of a server's variables besides the environment. */
const FILES =
  'the .env file next to its config, or to secrets.env in the data directory (read at every start)';

/** Predefined names of editors, with the variable that replaces them. */
const ALIASES: ReadonlyMap<string, string> = new Map([['userHome', 'HOME']]);

/** Variables known to everyone on the host; masking them would make paths in logs and errors unreadable. */
const NO_SECRETS = new Set([
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'PATH',
  'PWD',
  'LANG',
  'TMPDIR',
  'TZ',
]);

export type Reference = VariableReference | { kind: 'file'; field: string; path: string };

export interface VariableReference {
  kind: 'variable';
  field: string;
  name: string;
  fallback?: string;
  /** Input that was written as `${input:id}`; a variable with exactly this id as its name is accepted, too. */
  input?: Pick<InputSpec, 'id' | 'description' | 'password'>;
}

export interface ResolvedSpec {
  process?: ProcessSpec;
  remote?: RemoteSpec;
  auth?: AuthSpec;
  /** Values that are masked: see `judgeSecret`. */
  secrets: string[];
  /**
   * Values that are not masked although they come from a variable or file, or are named like a secret; excludes HOME
   * and the like.
   */
  unmasked: UnmaskedValue[];
}

export interface ResolveOptions {
  readFile?: (path: string) => Promise<string>;
}

/** Resolves the references that only the host can resolve. Reports everything that is missing at once, and shows no value. */
export async function resolveReferences(
  spec: ServerSpec,
  env: Readonly<Record<string, string | undefined>>,
  { readFile = (file) => readFileOfHost(file, 'utf8') }: ResolveOptions = {},
): Promise<ResolvedSpec> {
  const references = listReferences(spec);
  checkVariables(spec.name, references, env);
  const files = await readFiles(spec.name, references, readFile);
  const values = new JudgedValues();
  const lookUp = (reference: Reference, written: string) => {
    const { field } = reference;
    const value =
      reference.kind === 'file' ? files.get(reference.path) : variableOf(reference, env);
    if (value && !isPublic(reference)) {
      values.add(value, { reference: written, field, isMarked: isMarked(spec, reference) });
    }
    const fallback = reference.kind === 'variable' ? reference.fallback : undefined;
    return value || (fallback ?? '');
  };
  const fill = (text: string, field: string) => {
    const filled = text.replace(REFERENCE, (...match: string[]) =>
      lookUp(referenceOf(spec, field, match), match[0] ?? ''),
    );
    const isField = isMarked(spec, { field });
    if (isField || isSecretName(memberOf(field))) {
      values.add(splitScheme(filled).credential, { field, isMarked: isField });
    }
    return filled;
  };
  const { process, remote, auth } = mapTexts(spec, fill);
  const fileVariables = await readProgramVariables(spec, readFile);
  for (const [reference, value] of Object.entries(fileVariables)) {
    values.add(value, { reference, field: 'envFile', isMarked: false });
  }
  const { secrets, unmasked } = values;
  return {
    ...(process && { process: { ...process, env: { ...fileVariables, ...process.env } } }),
    ...(remote && { remote }),
    ...(auth && { auth }),
    secrets,
    unmasked,
  };
}

/** Whether the owner has marked the value as a secret: the whole field, or the input that it comes from. */
function isMarked(
  { secretFields = [] }: ServerSpec,
  { field, ...reference }: Pick<Reference, 'field'> & Pick<Partial<VariableReference>, 'input'>,
): boolean {
  return secretFields.includes(field) || reference.input?.password === true;
}

function isPublic(reference: Reference): boolean {
  return reference.kind === 'variable' && NO_SECRETS.has(reference.name);
}

/** Returns the variable or header of a field: `env.TOKEN` is TOKEN. */
export function memberOf(field: string): string {
  return field.slice(field.indexOf('.') + 1);
}

/** Returns every reference of a spec with its field. */
export function listReferences(spec: ServerSpec): Reference[] {
  const references: Reference[] = [];
  mapTexts(spec, (text, field) => {
    for (const match of text.matchAll(REFERENCE)) references.push(referenceOf(spec, field, match));
    return text;
  });
  return references;
}

/**
 * Replaces everything that depends on the location of the config, which the host does not know: paths of `${file:path}`
 * become absolute, and `${workspaceFolder}` becomes that folder.
 */
export function withAbsoluteFiles(text: string, baseDir: string): string {
  const places: Record<string, string> = {
    '${workspaceFolder}': baseDir,
    '${workspaceRoot}': baseDir,
    '${workspaceFolderBasename}': path.basename(baseDir),
    '${pathSeparator}': path.sep,
    '${/}': path.sep,
  };
  return text
    .replace(/\$\{[A-Za-z/]+\}/g, (whole) => places[whole] ?? whole)
    .replace(REFERENCE, (whole: string, file?: string) =>
      file === undefined ? whole : `\${file:${path.resolve(baseDir, file)}}`,
    );
}

/** Converts a path below the home folder, in shell syntax, to `${HOME}`; only the host knows the folder. */
export function withHome(text: string): string {
  return text.replace(/^(?:~|\$HOME)(?=\/|$)/, '${HOME}');
}

/** Returns texts that look like references but are not, such as `${my-key}`. */
export function unknownReferences(text: string): string[] {
  return (
    withAbsoluteFiles(text, '/')
      .replace(REFERENCE, '')
      .match(/\$\{[^}]*\}?/g) ?? []
  );
}

/** Returns the variable of an input of VS Code: `github-token` becomes GITHUB_TOKEN. */
export function variableNameOf(id: string): string {
  const words = id.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_');
  return words.replace(/^_+|_+$/g, '').toUpperCase();
}

function referenceOf(
  { inputs = [] }: ServerSpec,
  field: string,
  match: ArrayLike<string | undefined>,
): Reference {
  const [, file, id, name = '', fallback] = Array.from(match);
  if (file !== undefined) return { kind: 'file', field, path: file };
  if (id === undefined) {
    const variable = ALIASES.get(name) ?? name;
    return { kind: 'variable', field, name: variable, ...(fallback !== undefined && { fallback }) };
  }
  const declared = inputs.find((input) => input.id === id);
  return {
    kind: 'variable',
    field,
    name: variableNameOf(id),
    ...(declared?.default !== undefined && { fallback: declared.default }),
    input: {
      id,
      ...(declared?.description && { description: declared.description }),
      ...(declared?.password && { password: declared.password }),
    },
  };
}

function variableOf(
  { name, input }: VariableReference,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return env[name] ?? (input && env[input.id]);
}

function checkVariables(
  server: string,
  references: Reference[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  const unset = references.flatMap((reference) => {
    if (reference.kind === 'file' || reference.fallback !== undefined) return [];
    return variableOf(reference, env) === undefined ? [reference] : [];
  });
  if (unset.length === 0) return;
  const named = unset.map(({ name, field, input }) => {
    const prompt = input?.description === undefined ? '' : `: ${input.description}`;
    return `${name} (in ${field}${prompt})`;
  });
  const plural = unset.length > 1 ? 'Variables not set' : 'Variable not set';
  throw new MainspringError(
    'VARIABLE_UNSET',
    `${plural} for server "${server}": ${named.join(', ')}.`,
    { fix: setVariablesFix([...new Set(unset.map(({ name }) => name))], FILES) },
  );
}

/** Reads the variables of the `envFile`, all of which the program receives, as in VS Code. */
async function readProgramVariables(
  { name, process }: ServerSpec,
  readFile: (path: string) => Promise<string>,
): Promise<Record<string, string>> {
  if (process?.envFile === undefined) return {};
  try {
    return variablesIn(await readFile(process.envFile));
  } catch (error) {
    throw new MainspringError(
      'FILE_NOT_FOUND',
      `The envFile ${process.envFile} of server "${name}" cannot be read.`,
      { cause: error },
    );
  }
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

/** Copies the spec with each text that may hold references changed by `change`, which receives the name of the field. */
function mapTexts(
  { process, remote, auth }: ServerSpec & { remote?: RemoteSpec; auth?: AuthSpec },
  change: (text: string, field: string) => string,
): { process?: ProcessSpec; remote?: RemoteSpec; auth?: AuthSpec } {
  const changeMembers = (texts: Record<string, string>, field: string) =>
    Object.fromEntries(
      Object.entries(texts).map(([key, text]) => [key, change(text, `${field}.${key}`)]),
    );
  return {
    ...(process && { process: mapProcess(process, change, changeMembers) }),
    ...(remote && {
      remote: {
        url: change(remote.url, 'url'),
        headers: changeMembers(remote.headers, 'headers'),
      },
    }),
    ...(auth && { auth: mapAuth(auth, change) }),
  };
}

function mapAuth(auth: AuthSpec, change: (text: string, field: string) => string): AuthSpec {
  const { clientSecret } = auth;
  if (clientSecret === undefined) return auth;
  return { ...auth, clientSecret: change(clientSecret, 'auth.clientSecret') };
}

/** With an installed program, the original command is not run, so its references are not resolved. */
function mapProcess(
  process: ProcessSpec,
  change: (text: string, field: string) => string,
  changeMembers: (texts: Record<string, string>, field: string) => Record<string, string>,
): ProcessSpec {
  const { command, args, env, cwd, program } = process;
  const changeAll = (texts: string[], field: string) =>
    texts.map((text, index) => change(text, `${field}[${index}]`));
  const answers = Object.entries(program?.userConfig ?? {}).map(([key, answer]) => {
    const field = `userConfig.${key}`;
    return [key, typeof answer === 'string' ? change(answer, field) : changeAll(answer, field)];
  });
  return {
    ...process,
    command: program ? command : change(command, 'command'),
    args: program ? args : changeAll(args, 'args'),
    env: changeMembers(env, 'env'),
    cwd: change(cwd, 'cwd'),
    ...(program && {
      program: {
        ...program,
        args: changeAll(program.args, 'args'),
        ...(program.userConfig && {
          userConfig: Object.fromEntries(answers) as Record<string, string | string[]>,
        }),
      },
    }),
  };
}
