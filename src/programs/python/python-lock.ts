import { MainspringError } from '../../base/errors';

/** A package of a lock, which is a requirements file with exact versions and hashes. */
export interface LockedPackage {
  /** Normalised as on PyPI: lower case, with `-` for any of `-_.`. */
  name: string;
  version: string;
  /** `sha256:<hex>` of every file of this version that may be installed. */
  hashes: string[];
}

const LINE = /^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;]+)(.*)$/;

/** Reads a lock that was written by `formatLock`, pip or uv. */
export function parseLock(text: string): LockedPackage[] {
  const lines = text.replaceAll(/\\\r?\n/g, ' ').split('\n');
  return lines.flatMap((line) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const [, name = '', version = '', rest = ''] = LINE.exec(line.trim()) ?? [];
    const hashes = [...rest.matchAll(/--hash=(sha256:[0-9a-f]{64})/g)].flatMap(([, hash]) =>
      hash === undefined ? [] : [hash],
    );
    if (name === '' || hashes.length === 0) {
      throw new MainspringError('INSTALL_FAILED', `The lock does not pin this line: ${line}`, {
        fix: 'Only packages from a registry can be installed. Run the command unchanged: --as-is.',
      });
    }
    return [{ name: normalName(name), version, hashes }];
  });
}

/** Writes a lock; equal for equal packages. */
export function formatLock(packages: LockedPackage[]): string {
  const sorted = [...packages].sort((a, b) => (a.name < b.name ? -1 : 1));
  const lines = sorted.map(({ name, version, hashes }) =>
    [`${name}==${version}`, ...[...hashes].sort().map((hash) => `    --hash=${hash}`)].join(
      ' \\\n',
    ),
  );
  return `${lines.join('\n')}\n`;
}

/** Normalises a name according to PEP 503. */
export function normalName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}
