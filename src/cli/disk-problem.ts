import { access, constants, statfs } from 'node:fs/promises';
import { type ErrorCode, type ErrorReport, MainspringError } from '../domain/errors';
import { hasCode } from '../durable-file';

/** With less room no part can do its work: a page of a database, its journal, a file with a result. */
const MIN_FREE_BYTES = 64 * 1024;

/** What is said of a part that cannot write any more, by whoever waits for it. */
const SYMPTOMS: ReadonlySet<ErrorCode> = new Set([
  ...(['INTERNAL_ERROR', 'STORE_FAILED', 'WORKER_UNAVAILABLE', 'TEMPORAL_UNREACHABLE'] as const),
  ...(['TEMPORAL_FAILED', 'START_FAILED', 'START_TIMEOUT', 'STOP_TIMEOUT'] as const),
  ...(['HOME_UNUSABLE', 'INSTALL_FAILED', 'DISK_FULL'] as const),
]);

/** The report of a failure, or of the disk of the data directory when that is full or read-only and the failure comes of it. */
export async function unlessDiskIsToBlame(report: ErrorReport, home: string): Promise<ErrorReport> {
  if (!SYMPTOMS.has(report.code)) return report;
  const problem = await diskProblem(
    home,
    `${report.code}: ${report.message.split('\n', 1).join()}`,
  );
  // What says it already is more exact.
  return problem === undefined || isSameAs(problem, report) ? report : problem.report();
}

function isSameAs({ code }: MainspringError, report: ErrorReport): boolean {
  return code === 'HOME_UNUSABLE' && report.code === code;
}

async function diskProblem(home: string, symptom: string): Promise<MainspringError | undefined> {
  try {
    const { bavail, bsize } = await statfs(home);
    if (bavail * bsize < MIN_FREE_BYTES) {
      const message = `The disk of the data directory ${home} is full (${symptom})`;
      return new MainspringError('DISK_FULL', message);
    }
    await access(home, constants.W_OK);
  } catch (error) {
    if (hasCode(error, 'EROFS')) {
      const message = `The data directory ${home} is on a read-only disk (${symptom})`;
      return new MainspringError('HOME_UNUSABLE', message);
    }
  }
  return undefined; // nothing that explains it
}
