import { canonicalJson } from '../base/canonical-json';
import { type ProgramPin, type ProgramSource, sourceName } from '../domain/programs/programs';
import { type InstallRequest } from './installer';
import { sha256 } from '../base/sha256';

const MAX_SLUG_LENGTH = 60;
const DIGEST_LENGTH = 12;

/** What else decides what is in the folder of a program, or how it is started. */
export interface Platform {
  os: string;
  arch: string;
  nodeMajor: string;
}

const THIS_PLATFORM: Platform = {
  os: process.platform,
  arch: process.arch,
  nodeMajor: process.versions.node.split('.', 1).join(''),
};

/** The name of the folder of a program: the same for all that would contain the same. */
export function programKey(
  source: ProgramSource,
  pin: ProgramPin,
  platform: Platform = THIS_PLATFORM,
): string {
  const { name, version, integrity, lock, allowScripts } = pin;
  const content = {
    method: source.method,
    name,
    version,
    integrity,
    lock,
    platform,
    allowScripts: [...new Set(allowScripts)].sort(),
    entry: entryOf(source),
  };
  const digest = sha256(canonicalJson(content)).slice(0, DIGEST_LENGTH);
  return `${slug(name)}@${slug(version)}-${digest}`;
}

/** By what two requests are known to ask for the same. */
export function targetDigest({ source, pin, allowScripts }: InstallRequest): string {
  return sha256(canonicalJson({ source, pin, allowScripts: [...allowScripts].sort() }));
}

/** Installations of one program go one after the other, whatever version each wants. */
export function programLockName(source: ProgramSource): string {
  const name = sourceName(source);
  return `${slug(name)}-${sha256(`${source.method} ${name}`).slice(0, DIGEST_LENGTH)}.lock`;
}

/** Which of the commands of one package is run. */
function entryOf(source: ProgramSource): unknown {
  switch (source.method) {
    case 'npm':
      return source.bin;
    case 'pypi':
      return source.run;
    case 'node-project':
      return source.command;
    case 'python-project':
      return source.script;
    case 'mcpb':
      return undefined;
    case 'docker':
      return source.options;
  }
}

/** The end of a path tells more than its beginning. */
function slug(text: string): string {
  const safe = text.replace(/[^A-Za-z0-9._+-]+/g, '-').slice(-MAX_SLUG_LENGTH);
  return safe.replace(/^[-.]+/, '') || 'program';
}
