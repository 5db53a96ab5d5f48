import { existsSync } from 'node:fs';
import path from 'node:path';
import { type PypiSource } from '../../domain/programs/programs';
import { readPythonCommand } from './program-python';
import {
  type CommandLine,
  FLAG,
  hasReference,
  type LauncherOptions,
  type NamedProgram,
  readLauncherOptions,
  VALUE,
} from './program-words';

/** Options that are understood. With others, such as `--python` or an index, the command is left unchanged. */
const UVX_OPTIONS: LauncherOptions = {
  quiet: { ...FLAG, short: 'q' },
  upgrade: { ...FLAG, short: 'U' },
  'no-cache': { ...FLAG, short: 'n' },
  isolated: FLAG,
  refresh: FLAG,
  'no-progress': FLAG,
  from: VALUE,
  with: VALUE,
};

const PIPX_OPTIONS: LauncherOptions = {
  quiet: { ...FLAG, short: 'q' },
  verbose: FLAG,
  'no-cache': FLAG,
  spec: VALUE,
  with: VALUE,
};

const NAME = '[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?';
const SPECIFIER = '(?:===|==|~=|!=|<=|>=|<|>)\\s*[A-Za-z0-9.*+!_-]+';
/** A requirement of PEP 508 without URL and markers, or `name@version` as in uv. */
const REQUIREMENT = new RegExp(
  `^(${NAME})(?:\\[(${NAME}(?:\\s*,\\s*${NAME})*)\\])?` +
    `(?:@([A-Za-z0-9.+!_-]+)|\\s*(${SPECIFIER}(?:\\s*,\\s*${SPECIFIER})*))?$`,
);
const MODULE = /^[A-Za-z_]\w*$/;
/** Modules that run other programs, or are not packages. */
const NOT_SERVERS = ['pip', 'pipx', 'uv', 'venv', 'ensurepip'];

interface Requirement {
  package: string;
  extras: string[];
  wanted: string;
}

/** Returns the program that `uvx`, `uv tool run`, `pipx run` or `python -m` would run from PyPI. */
export function pypiProgramOf(line: CommandLine): NamedProgram | undefined {
  const { command, args } = line;
  const [first, second] = args;
  if (command === 'uvx') return launchedTool(args, UVX_OPTIONS, 'from');
  if (command === 'uv' && first === 'tool' && second === 'run') {
    return launchedTool(args.slice(2), UVX_OPTIONS, 'from');
  }
  if (command === 'pipx' && first === 'run') {
    return launchedTool(args.slice(1), PIPX_OPTIONS, 'spec');
  }
  return launchedModule(line);
}

function launchedTool(
  words: string[],
  options: LauncherOptions,
  from: 'from' | 'spec',
): NamedProgram | undefined {
  const launched = readLauncherOptions(words, options);
  const [first, ...args] = launched?.rest ?? [];
  if (launched === undefined || first === undefined || hasReference(first)) return undefined;
  const [given] = launched.valuesOf(from);
  const requirement = requirementOf(given ?? first);
  const others = launched.valuesOf('with').flatMap(splitRequirements);
  if (requirement === undefined || !others.every(requirementOf)) return undefined;
  const source: PypiSource = {
    method: 'pypi',
    ...requirement,
    run: { script: given === undefined ? requirement.package : first },
    ...(others.length > 0 && { with: others }),
  };
  return { source, args };
}

function launchedModule(line: CommandLine): NamedProgram | undefined {
  const { module, rest = [] } = readPythonCommand(line) ?? {};
  if (module === undefined || !MODULE.test(module) || NOT_SERVERS.includes(module)) {
    return undefined;
  }
  if (line.cwd === undefined || isModuleOf(line.cwd, module)) return undefined;
  const source: PypiSource = {
    method: 'pypi',
    package: module.replaceAll('_', '-'),
    extras: [],
    wanted: '',
    run: { module },
  };
  return { source, args: rest };
}

/** Whether the module is in the working directory, which Python searches first: that copy belongs to the user. */
function isModuleOf(cwd: string, module: string): boolean {
  return existsSync(path.join(cwd, module)) || existsSync(path.join(cwd, `${module}.py`));
}

function requirementOf(text: string): Requirement | undefined {
  const [, name, extras = '', version, specifiers = ''] = REQUIREMENT.exec(text.trim()) ?? [];
  if (name === undefined) return undefined;
  const exact = version === undefined || version === 'latest' ? '' : `==${version}`;
  return {
    package: name,
    extras: extras === '' ? [] : extras.split(',').map((extra) => extra.trim()),
    wanted: exact || specifiers.replaceAll(/\s/g, ''),
  };
}

/** Splits at commas that start another name: `a,b>=1,<2` contains two. */
function splitRequirements(text: string): string[] {
  return text.split(/,(?=\s*[A-Za-z0-9])(?![^[]*\])/).map((part) => part.trim());
}
