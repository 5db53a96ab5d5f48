import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

export const INSTALL_REPORT = 'installation_report.json';

/** Writes a report as JSON and answers where it is: where the user wants it, or with the other reports of the instance. */
export async function writeReport(
  home: string,
  name: string,
  wanted: string | undefined,
  report: unknown,
): Promise<string> {
  const file = path.resolve(wanted ?? path.join(home, 'reports', name));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}
