import { canonicalJson } from '../base/canonical-json';
import { type ProgramPin, type ProgramSource, sourceName } from '../domain/programs/programs';
import { type InstallRequest } from './installer';
import { sha256 } from '../base/sha256';

const MAX_SLUG_LENGTH = 60;
const DIGEST_LENGTH = 12;

/** Properties of the machine that affect the contents of a program's folder, or its command. */
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

/** Name of a program's folder: equal for equal contents. */
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

/** Digest that is equal for equal requests. */
export function targetDigest({ source, pin, allowScripts }: InstallRequest): string {
  return sha256(canonicalJson({ source, pin, allowScripts: [...allowScripts].sort() }));
}

/** Name of the lock that serialises installations of one program, whatever their versions. */
export function programLockName(source: ProgramSource): string {
  const name = sourceName(source);
  return `${slug(name)}-${sha256(`${source.method} ${name}`).slice(0, DIGEST_LENGTH)}.lock`;
}

/** Returns the command of the package that is run. */
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

/** Shortens from the left, because the end of a path is more specific than its beginning. */
function slug(text: string): string {
  const safe = text.replace(/[^A-Za-z0-9._+-]+/g, '-').slice(-MAX_SLUG_LENGTH);
  return safe.replace(/^[-.]+/, '') || 'program';
}
