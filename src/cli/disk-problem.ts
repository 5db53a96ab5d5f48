import { access, constants, statfs } from 'node:fs/promises';
import { type ErrorCode, type ErrorReport, MainspringError } from '../base/errors';
import { hasCode } from '../base/durable-file';

/** Space without which no part can work: a page of a database, its journal, a file with a result. */
const MIN_FREE_BYTES = 64 * 1024;

/** Errors that others report when a part cannot write anymore. */
const SYMPTOMS: ReadonlySet<ErrorCode> = new Set([
  ...(['INTERNAL_ERROR', 'STORE_FAILED', 'WORKER_UNAVAILABLE', 'TEMPORAL_UNREACHABLE'] as const),
  ...(['TEMPORAL_FAILED', 'START_FAILED', 'START_TIMEOUT', 'STOP_TIMEOUT'] as const),
  ...(['HOME_UNUSABLE', 'INSTALL_FAILED', 'DISK_FULL'] as const),
]);

/**
 * Returns the report of a failure, or of the disk of the data directory when that is full or read-only and caused it.
 *
 * @param homeOf - called only then
 */
export async function unlessDiskIsToBlame(
  report: ErrorReport,
  homeOf: () => Promise<string>,
): Promise<ErrorReport> {
  if (!SYMPTOMS.has(report.code)) return report;
  const symptom = `${report.code}: ${report.message.split('\n', 1).join()}`;
  const problem = await diskProblem(homeOf, symptom);
  // An error that already names the directory is more precise.
  if (problem === undefined || (problem.code === report.code && report.code === 'HOME_UNUSABLE'))
    return report;
  return problem.report();
}

async function diskProblem(
  homeOf: () => Promise<string>,
  symptom: string,
): Promise<MainspringError | undefined> {
  try {
    const home = await homeOf();
    const { bavail, bsize } = await statfs(home);
    if (bavail * bsize < MIN_FREE_BYTES) {
      const message = `The disk of the data directory ${home} is full (${symptom})`;
      return new MainspringError('DISK_FULL', message);
    }
    return await access(home, constants.W_OK).then(
      () => undefined,
      (error: unknown) => {
        if (!hasCode(error, 'EROFS')) return undefined;
        const message = `The data directory ${home} is on a read-only disk (${symptom})`;
        return new MainspringError('HOME_UNUSABLE', message);
      },
    );
  } catch {
    return undefined; // there is no such folder, or the settings are wrong
  }
}
