import { type Entry } from 'yauzl';

const MIB = 1024 * 1024;

/** Limits beyond which a bundle is refused: no real bundle comes near them, an archive bomb would. */
export const BUNDLE_LIMITS = {
  archiveBytes: 1024 * MIB,
  entries: 100_000,
  fileBytes: 512 * MIB,
  totalBytes: 2048 * MIB,
  /** Ratio of unpacked to packed size, for files above `ratioFromBytes`; plain text reaches 10, zeros 1000. */
  ratio: 200,
  ratioFromBytes: 10 * MIB,
} as const;

export type BundleLimits = { [name in keyof typeof BUNDLE_LIMITS]: number };

/** Facts about an entry that are known without unpacking it. */
export type EntryFacts = Pick<
  Entry,
  | 'fileName'
  | 'compressedSize'
  | 'uncompressedSize'
  | 'compressionMethod'
  | 'generalPurposeBitFlag'
  | 'externalFileAttributes'
>;

const FILE_TYPE_BITS = 0o170000;
const REGULAR_FILE = 0o100000;
const DIRECTORY = 0o040000;
const ENCRYPTED = 0x1;
const [STORED, DEFLATED] = [0, 8];

/** Returns why a bundle with these entries must not be unpacked, naming the entry; undefined when it may be. */
export function bundleProblem(
  entries: readonly EntryFacts[],
  limits: BundleLimits = BUNDLE_LIMITS,
): string | undefined {
  if (entries.length > limits.entries) return `it has more than ${limits.entries} entries`;
  const files = new Set<string>();
  let total = 0;
  for (const entry of entries) {
    const problem = nameProblem(entry.fileName) ?? kindProblem(entry) ?? sizeProblem(entry, limits);
    const named = `the entry ${JSON.stringify(entry.fileName)}`;
    if (problem !== undefined) return `${named} ${problem}`;
    if (files.has(entry.fileName)) return `${named} appears twice`;
    files.add(entry.fileName);
    total += entry.uncompressedSize;
    if (total > limits.totalBytes) return `it would unpack to more than ${limits.totalBytes} bytes`;
  }
  return undefined;
}

/** Returns the permission bits of an entry; 0 where its tool has written none. */
export function modeOf({ externalFileAttributes }: Pick<EntryFacts, 'externalFileAttributes'>) {
  return externalFileAttributes >>> 16;
}

export function isFolder({ fileName }: Pick<EntryFacts, 'fileName'>): boolean {
  return fileName.endsWith('/');
}

function nameProblem(name: string): string | undefined {
  if (name.startsWith('/')) return 'is an absolute path';
  if (/^[A-Za-z]:/.test(name)) return 'starts with a drive letter';
  if (name.includes('\\')) return 'has a backslash';
  if (hasControlCharacter(name)) return 'has a control character';
  const parts = (name.endsWith('/') ? name.slice(0, -1) : name).split('/');
  if (parts.includes('..')) return 'points outside the folder';
  return parts.some((part) => part === '' || part === '.') ? 'is not a plain path' : undefined;
}

function hasControlCharacter(name: string): boolean {
  return [...name].some((character) => character < ' ' || character === '\x7f');
}

function kindProblem(entry: EntryFacts): string | undefined {
  const type = modeOf(entry) & FILE_TYPE_BITS;
  if (type !== 0 && type !== REGULAR_FILE && type !== DIRECTORY) {
    return 'is a link or a device';
  }
  if (type === DIRECTORY && !isFolder(entry)) return 'is a folder with the name of a file';
  if (entry.generalPurposeBitFlag & ENCRYPTED) return 'is encrypted';
  const { compressionMethod } = entry;
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
    return `uses an unknown compression method (${compressionMethod})`;
  }
  return undefined;
}

function sizeProblem(entry: EntryFacts, limits: BundleLimits): string | undefined {
  const { compressedSize, uncompressedSize } = entry;
  if (uncompressedSize > limits.fileBytes) return `is larger than ${limits.fileBytes} bytes`;
  const isBomb =
    uncompressedSize > limits.ratioFromBytes && uncompressedSize > compressedSize * limits.ratio;
  return isBomb ? `would unpack to more than ${limits.ratio} times its size` : undefined;
}
