import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { MainspringError } from '../base/errors';
import { didYouMean, nearMatches } from '../base/nearest-names';
import { inheritedEnv } from './environment';

/** Throws if a command cannot be started from `cwd` with this environment. */
export function checkCommand(command: string, cwd: string, env: Record<string, string> = {}): void {
  resolveCommand(command, cwd, { ...inheritedEnv(), ...env });
}

/** Returns the file of a command, searched as the kernel would, or throws a clear error if it cannot be started. */
export function resolveCommand(command: string, cwd: string, env: Record<string, string>): string {
  if (!isDirectory(cwd)) {
    throw new MainspringError('DIRECTORY_NOT_FOUND', `"cwd" is not a directory: ${cwd}`, {
      fix: `Create ${cwd}, or correct "cwd".`,
    });
  }
  const candidates = command.includes('/')
    ? [resolve(cwd, command)]
    : pathOf(env).map((directory) => resolve(cwd, directory, command));
  const files = candidates.filter(isFile);
  const executable = files.find(isExecutable);
  const [blocked] = files;
  if (executable !== undefined) return withInterpreter(command, executable);
  if (blocked === undefined) throw notFound(command, cwd, pathOf(env));
  throw new MainspringError('COMMAND_NOT_EXECUTABLE', `"${blocked}" is not executable`, {
    fix: `Make it executable: chmod +x ${blocked}`,
  });
}

function pathOf(env: Record<string, string>): string[] {
  return (env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
}

function notFound(command: string, cwd: string, path: string[]): MainspringError {
  if (command.includes('/')) {
    return new MainspringError(
      'COMMAND_NOT_FOUND',
      `the file ${resolve(cwd, command)} does not exist`,
    );
  }
  const near = nearMatches(command, [...new Set(path.flatMap(entriesOf))]);
  const hint = didYouMean(near, 'clause');
  const where = path.join(delimiter) || 'which is empty';
  return new MainspringError('COMMAND_NOT_FOUND', `"${command}" is not on PATH (${where})${hint}`);
}

/**
 * Refuses a text file without `#!`: execvp would run it with sh, whatever language it is in, and the errors of that are
 * baffling.
 */
function withInterpreter(command: string, file: string): string {
  if (!startsAsText(file)) return file;
  throw new MainspringError(
    'COMMAND_NOT_EXECUTABLE',
    `"${file}" is a script without an interpreter line`,
    {
      fix: `Start it with its interpreter (for example: node ${command}), or make its first line #!/usr/bin/env node`,
    },
  );
}

function startsAsText(file: string): boolean {
  if (!isAccessible(file, constants.R_OK)) return false;
  const head = Buffer.alloc(2);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, head);
  } finally {
    closeSync(descriptor);
  }
  const isText = head.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a);
  return isText && head.toString('latin1') !== '#!';
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false; // ENOTDIR, EACCES on the path: not a file that we could start
  }
}

const isExecutable = (file: string) => isAccessible(file, constants.X_OK);

function isAccessible(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false; // the answer
  }
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // PATH often names directories that do not exist
  }
}
