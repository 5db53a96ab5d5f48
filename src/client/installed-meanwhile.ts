import { type InstallReport } from '../domain/programs/installs';
import { readInventory } from '../inventory/inventory';
import { specOf } from '../inventory/normalise';

/** Corrects the reports of servers that were skipped, and may have installed their program meanwhile, at their first start. */
export async function installedMeanwhile(
  home: string,
  reports: InstallReport[],
): Promise<InstallReport[]> {
  if (!reports.some(({ status }) => status === 'skipped')) return reports;
  const { servers } = await readInventory(home);
  return reports.map((report) => {
    const record = servers[report.server];
    const pin = record && specOf(report.server, record).process?.program?.pin;
    if (report.status !== 'skipped' || !pin) return report;
    const { name, version, integrity } = pin;
    const detail = `${name} ${version} is installed, but ${report.detail}`;
    return { ...report, status: 'installed', version, integrity, detail };
  });
}
