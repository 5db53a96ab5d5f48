import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { MainspringError } from '../../base/errors';

/** Contents of a project's requirements files, without lines that would run code or leave the index. */
export interface RequirementLines {
  requirements: string[];
  constraints: string[];
  /** Every file that was read, with its text. */
  files: Map<string, string>;
}

/** Options of pip for package sources. They are accepted because they are in a file of the user. */
const INDEX_OPTION =
  /^(?:-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host|--pre|--no-index|--prefer-binary)(?:[=\s]|$)/;
const NESTED = /^(-r|--requirement|-c|--constraint)(?:\s+|=)(\S+)$/;
const NAMED = /^[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\])?\s*(?:[=<>~!;(].*)?$/;

/** Reads a requirements file and the files that it includes. */
export async function readRequirementLines(file: string): Promise<RequirementLines> {
  const found: RequirementLines = { requirements: [], constraints: [], files: new Map() };
  await readInto(found, file, 'requirements');
  return found;
}

async function readInto(
  found: RequirementLines,
  file: string,
  kind: 'requirements' | 'constraints',
): Promise<void> {
  if (found.files.has(file)) return;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new MainspringError('FILE_NOT_FOUND', `${file} cannot be read.`, { cause });
  });
  found.files.set(file, text);
  for (const line of logicalLines(text)) {
    const [, option, nested] = NESTED.exec(line) ?? [];
    if (option !== undefined && nested !== undefined) {
      const target = path.resolve(path.dirname(file), nested);
      await readInto(found, target, /c/.test(option.slice(0, 3)) ? 'constraints' : kind);
    } else if (INDEX_OPTION.test(line)) {
      found.requirements.push(withAbsoluteFolder(line, path.dirname(file)));
    } else {
      found[kind].push(checkedRequirement(line, file));
    }
  }
}

/** @throws MainspringError NOT_INSTALLABLE for a folder, URL or repository, because pip would run its code */
export function checkedRequirement(line: string, file: string): string {
  if (NAMED.test(line) && !line.includes('://')) return line;
  throw new MainspringError(
    'NOT_INSTALLABLE',
    `${file} requires "${line}", which is not a package from an index.`,
    { fix: 'Install it yourself, and run the command unchanged: "asIs": true, or --as-is.' },
  );
}

/** Removes comments and joins continued lines. */
function logicalLines(text: string): string[] {
  return text
    .replaceAll(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

function withAbsoluteFolder(line: string, folder: string): string {
  const [, option, location] = /^(-f|--find-links)(?:\s+|=)(\S+)$/.exec(line) ?? [];
  if (option === undefined || location === undefined || location.includes(':')) return line;
  return `${option} ${path.resolve(folder, location)}`;
}
