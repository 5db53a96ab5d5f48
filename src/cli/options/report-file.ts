import path from 'node:path';
import { writeDurably } from '../../base/durable-file';

export const INSTALL_REPORT = 'installation_report.json';
export const HEALTH_REPORT = 'health_report.json';
export const TEST_REPORT = 'test_report.json';

/**
 * Writes a report as JSON, whole or not at all, and returns its path: where the user wants it, or with the other
 * reports of the instance.
 */
export async function writeReport(
  home: string,
  name: string,
  wanted: string | undefined,
  report: unknown,
): Promise<string> {
  const file = path.resolve(wanted ?? path.join(home, 'reports', name));
  await writeDurably(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}
