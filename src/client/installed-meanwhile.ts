import { type InstallReport } from '../domain/programs/installs';
import { readInventory } from '../inventory/inventory';
import { specOf } from '../inventory/normalise';

/** What was skipped for something else, its server may have installed itself meanwhile, at its first start. */
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
