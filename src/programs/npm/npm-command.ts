import { type InstallerIo } from '../installer';
import { type FailureRule } from '../tool-failure';

/** Retries of a download: few, because Temporal retries the installation. */
const FETCH_RETRIES = 1;
const RETRY_PAUSE_MS = 1_000;

/** Matches `npm error code X` (`npm ERR! code X` before version 10). */
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

/** Working folder of npm: one of ours, isolated from its parents, or a project of the user. */
export type NpmLocation = { folder: string } | { project: string };

export type NpmRun = NpmLocation & {
  /** Whether code of packages may run. */
  scripts?: boolean;
  /** Whether stdout is data for the installer. */
  quiet?: boolean;
};

/** Runs npm with the user's configuration, except for settings that would change the result. */
export function npm(
  io: InstallerIo,
  [command = '', ...args]: string[],
  { scripts = false, quiet = false, ...location }: NpmRun,
): Promise<string> {
  const prefix = 'folder' in location ? [`--prefix=${location.folder}`] : [];
  return io.run({
    command: 'npm',
    args: [command, ...ALWAYS, `--ignore-scripts=${!scripts}`, ...prefix, ...args],
    cwd: folderOf(location),
    rules: NPM_RULES,
    quiet,
  });
}

export function folderOf(location: NpmLocation): string {
  return 'folder' in location ? location.folder : location.project;
}
