import { constants } from 'node:fs';
import { access, chmod, mkdir, readdir, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { MainspringError, reportOf } from './base/errors';
import { parseDuration } from './base/duration';
import { DEFAULT_TASK_AFTER_MS } from './domain/limits';
import { HOST_LABEL } from './domain/names';
import { hasCode } from './base/durable-file';
import { MAX_HOST_LABELS } from './domain/hosts/hosts';

/** Most servers that one host runs. */
const DEFAULT_HOST_CAPACITY = 200;

type Environment = Readonly<Record<string, string | undefined>>;

const MAX_HOST_CAPACITY = 10_000;
const HOST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Longest name, which leaves room for a number behind it. */
const MAX_MACHINE_NAME = 58;

const port = whole(0, 65_535);
const folder = z.string().transform((text) => path.resolve(text));

/** All settings of the product. Temporal's own (TEMPORAL_ADDRESS, …) are read by `src/temporal`. */
const settingsSchema = z.strictObject({
  /** The data directory: all that an instance keeps. */
  home: folder,
  /** Builds and downloads that instances share. */
  cacheDir: folder,
  /** Port of the embedded server; 0 picks a free one. */
  temporalPort: port,
  uiPort: port,
  /** Port of the MCP endpoint; 0 picks a free one. */
  apiPort: port,
  /** Address on which the MCP endpoint listens. */
  apiHost: z.string().min(1, 'expected an address of this machine'),
  /** Milliseconds after which a call becomes a task, for clients that can follow one. */
  taskAfterMs: durationMs(),
  /** The Temporal CLI to run instead of the one that is found. */
  temporalBin: folder.optional(),
  /** A mirror of the official archive of the Temporal CLI. */
  temporalArchiveUrl: z.string().optional(),
  /** When the SQLite files are written to the disk: with each transaction, or a little later, which a power cut may reveal. */
  sqliteSync: z.enum(['full', 'normal']),
  /** Id of the host; default the name of the machine, with a number when it is taken. */
  hostId: z
    .string()
    .regex(
      HOST_ID,
      'expected 1 to 64 letters, digits, ".", "-" or "_", starting with a letter or digit',
    )
    .optional(),
  /** Most servers that this host runs. */
  hostCapacity: whole(1, MAX_HOST_CAPACITY),
  /** Labels of this host that servers may require. */
  hostLabels: labels(),
  /** Whether it takes only servers that require one of its labels. */
  hostExclusive: flag(),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
  /** Whether errors come with their stack. */
  debug: flag(),
});

const checkedSchema = settingsSchema.refine(
  ({ hostExclusive, hostLabels }) => !hostExclusive || hostLabels.length > 0,
  {
    path: ['hostExclusive'],
    error:
      'expected at least one label, because an exclusive host accepts only servers that require one',
  },
);

export type Settings = Readonly<z.output<typeof settingsSchema>>;
type SettingName = keyof Settings;

/** Settings from flags: they take precedence over variables, and `undefined` means not given. */
export type SettingOverrides = {
  [name in SettingName]?: string | number | boolean | readonly string[] | undefined;
};

const VARIABLES: Record<SettingName, string> = {
  home: 'MAINSPRING_HOME',
  cacheDir: 'MAINSPRING_CACHE',
  temporalPort: 'MAINSPRING_TEMPORAL_PORT',
  uiPort: 'MAINSPRING_UI_PORT',
  apiPort: 'MAINSPRING_PORT',
  apiHost: 'MAINSPRING_LISTEN',
  taskAfterMs: 'MAINSPRING_TASK_AFTER',
  temporalBin: 'MAINSPRING_TEMPORAL_BIN',
  temporalArchiveUrl: 'MAINSPRING_TEMPORAL_ARCHIVE_URL',
  sqliteSync: 'MAINSPRING_SQLITE_SYNC',
  hostId: 'MAINSPRING_HOST_ID',
  hostCapacity: 'MAINSPRING_HOST_CAPACITY',
  hostLabels: 'MAINSPRING_HOST_LABELS',
  hostExclusive: 'MAINSPRING_HOST_EXCLUSIVE',
  logLevel: 'MAINSPRING_LOG_LEVEL',
  debug: 'MAINSPRING_DEBUG',
};

/** Returns the settings from flags, environment variables and defaults, in this order. WRONG_USAGE names what is wrong. */
export function loadSettings(env: Environment, overrides: SettingOverrides = {}): Settings {
  const values = new Map<string, unknown>(Object.entries(defaults(env)));
  const sources = new Map<string, string>();
  for (const [name, variable] of Object.entries(VARIABLES)) {
    if (!env[variable]) continue; // empty counts as unset, as usual for variables
    values.set(name, env[variable]);
    sources.set(name, variable);
  }
  for (const [name, value] of Object.entries(overrides)) {
    if (value === undefined) continue;
    values.set(name, value);
    sources.set(name, flagOf(name));
  }
  const parsed = checkedSchema.safeParse(Object.fromEntries(values));
  if (parsed.success) return Object.freeze(parsed.data);
  const problems = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    const source = sources.get(name) ?? name;
    return `${source}: ${wordingOf(issue)}, got ${JSON.stringify(values.get(name))}`;
  });
  throw new MainspringError('WRONG_USAGE', problems.join('\n'), {
    fix: 'Correct this flag or environment variable, or omit it to use the default.',
  });
}

/** Creates the data directory, private to this user, or throws why it cannot be used. */
export async function ensureHome(home: string): Promise<void> {
  if (!path.isAbsolute(home)) throw unusable(home, 'is not an absolute path');
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    await checkPrivate(home);
    await access(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof MainspringError) throw error;
    throw unusable(home, reasonOf(error), error);
  }
}

function defaults(env: Environment): SettingOverrides {
  return {
    home: path.join(xdgFolder(env.XDG_DATA_HOME, env, '.local/share'), 'mainspring'),
    cacheDir: path.join(xdgFolder(env.XDG_CACHE_HOME, env, '.cache'), 'mainspring'),
    temporalPort: 7233,
    uiPort: 8233,
    apiPort: 7420,
    apiHost: '127.0.0.1',
    taskAfterMs: DEFAULT_TASK_AFTER_MS,
    sqliteSync: 'normal',
    hostCapacity: DEFAULT_HOST_CAPACITY,
    hostLabels: [],
    hostExclusive: false,
    logLevel: 'info',
    debug: false,
  };
}

/** Returns the name of this machine as a valid host id. */
export function machineName(): string {
  const name = os
    .hostname()
    .replace(/^[^A-Za-z0-9]+/, '')
    .replace(/[^A-Za-z0-9._-]/g, '-');
  return name.slice(0, MAX_MACHINE_NAME) || 'host';
}

/** The XDG specification says to ignore relative paths. */
function xdgFolder(given: string | undefined, env: Environment, fallback: string): string {
  if (given && path.isAbsolute(given)) return given;
  return path.join(env.HOME || os.homedir(), fallback);
}

function whole(min: number, max: number) {
  const error = `expected a whole number from ${min} to ${max}`;
  return z
    .union([z.number(), z.string().regex(/^\d+$/, error).transform(Number)], { error })
    .refine((value) => Number.isInteger(value) && value >= min && value <= max, error);
}

function durationMs() {
  const error = 'expected a duration such as "30s"';
  const text = z.string().transform((written, context) => {
    try {
      return parseDuration(written);
    } catch {
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    }
  });
  return z.union([z.number(), text], { error });
}

function flag() {
  const error = 'expected true or false';
  return z.union([z.boolean(), z.stringbool({ error })], { error });
}

/** Parses labels from a flag that may be repeated, or from a variable with commas. */
function labels() {
  const error = 'expected labels of lowercase letters, digits, ".", "_" or "-"';
  const list = z.array(z.string().regex(HOST_LABEL, error));
  const words = z.string().transform((text) => text.split(',').map((label) => label.trim()));
  return z
    .union([list, words.pipe(list)], { error })
    .transform((all) => [...new Set(all)].sort())
    .refine((all) => all.length <= MAX_HOST_LABELS, `expected at most ${MAX_HOST_LABELS} labels`);
}

/** The flags that are not called like their setting. */
const SHORT_FLAGS: Readonly<Record<string, string>> = {
  apiPort: '--port',
  apiHost: '--listen',
  hostCapacity: '--capacity',
  hostLabels: '--label',
  hostExclusive: '--exclusive',
};

/** `temporalPort` is `--temporal-port`. */
function flagOf(name: string): string {
  return SHORT_FLAGS[name] ?? `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function wordingOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_value'
    ? `expected one of ${issue.values.join(', ')}`
    : issue.message;
}

/** Checks that the data directory is private: others must not read what servers say, nor write specs that hosts would run. */
async function checkPrivate(home: string): Promise<void> {
  const { mode, uid } = await stat(home);
  if (process.getuid && uid !== process.getuid()) throw unusable(home, 'belongs to another user');
  if ((mode & 0o077) === 0) return;
  if ((await readdir(home)).length > 0) {
    // It may be somebody's home folder, given by mistake: its mode is not changed.
    throw unusable(home, `is open to other users (mode ${(mode & 0o777).toString(8)})`, undefined, {
      fix: `Restrict access (chmod 700 ${home}), or choose another directory: MAINSPRING_HOME=<dir>.`,
    });
  }
  await chmod(home, 0o700);
}

function reasonOf(error: unknown): string {
  if (hasCode(error, 'EACCES') || hasCode(error, 'EROFS')) return 'is not writable';
  if (hasCode(error, 'ENOTDIR') || hasCode(error, 'EEXIST')) return 'is not a directory';
  return `cannot be used: ${reportOf(error).message}`;
}

function unusable(
  home: string,
  reason: string,
  cause?: unknown,
  options: { fix?: string } = {},
): MainspringError {
  return new MainspringError('HOME_UNUSABLE', `The data directory ${home} ${reason}.`, {
    ...options,
    cause,
  });
}
