import { type InstallerIo } from '../installer';
import { type FailureRule } from '../tool-failure';

/** Temporal repeats an installation; npm itself only bridges a hiccup. */
const FETCH_RETRIES = 1;
const RETRY_PAUSE_MS = 1_000;

/** npm says `npm error code X` (`npm ERR! code X` before version 10). */
const code = (codes: string) => new RegExp(`^npm (?:error|ERR!) code (?:${codes})$`, 'm');

export const NPM_RULES: FailureRule[] = [
  { pattern: code('ENOSPC|EDQUOT|EFBIG'), code: 'DISK_FULL' },
  { pattern: code('E404'), code: 'PACKAGE_NOT_FOUND' },
  { pattern: code('ETARGET|ENOVERSIONS'), code: 'VERSION_NOT_FOUND' },
  { pattern: code('EINTEGRITY'), code: 'INTEGRITY_MISMATCH' },
  {
    pattern: code('E429|E5\\d\\d|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|ERR_SSL_\\w+'),
    code: 'REGISTRY_UNREACHABLE',
  },
];

const ALWAYS = [
  ...['--no-audit', '--no-fund', '--no-progress', '--no-update-notifier', '--no-color'],
  ...['--no-global', '--logs-max=0', '--loglevel=http'],
  ...[`--fetch-retries=${FETCH_RETRIES}`, `--fetch-retry-mintimeout=${RETRY_PAUSE_MS}`],
];

/** Where npm works: in a folder of ours, which nothing further up concerns, or in one of the user's. */
export type NpmPlace = { folder: string } | { project: string };

export type NpmRun = NpmPlace & {
  /** Code of packages runs only when this says so. */
  scripts?: boolean;
  /** Its output is an answer. */
  quiet?: boolean;
};

/** Runs npm with the user's own configuration, in so far as it does not change what we ask for. */
export function npm(
  io: InstallerIo,
  [command = '', ...args]: string[],
  { scripts = false, quiet = false, ...place }: NpmRun,
): Promise<string> {
  const prefix = 'folder' in place ? [`--prefix=${place.folder}`] : [];
  return io.run({
    command: 'npm',
    args: [command, ...ALWAYS, `--ignore-scripts=${!scripts}`, ...prefix, ...args],
    cwd: placeOf(place),
    rules: NPM_RULES,
    quiet,
  });
}

export function placeOf(place: NpmPlace): string {
  return 'folder' in place ? place.folder : place.project;
}
