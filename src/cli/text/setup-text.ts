import { type SetupResult, type Watched } from '../../domain/programs/setup-result';
import { installRemarks, renderInstalls } from './install-text';
import { renderTable } from './table';
import { renderValidation } from './validation-text';

/** Renders the results of a setup, step by step. */
export function setupText(result: SetupResult, fancy: boolean): string {
  const { install, test, monitor } = result;
  const parts = [
    ...(install ? [installText(install, fancy)] : []),
    ...(test ? [testText(test, fancy)] : []),
    ...(monitor && monitor.servers.length > 0 ? [watchedTable(monitor.servers, fancy)] : []),
    ...ending(result),
  ];
  return parts.join('\n\n');
}

function installText(
  { servers, reportFile }: NonNullable<SetupResult['install']>,
  fancy: boolean,
): string {
  const table = servers.length > 0 ? renderInstalls(servers, fancy) : 'Nothing to install.';
  return [table, ...installRemarks(servers), `Report: ${reportFile}`].join('\n');
}

function testText(
  { servers, skipped, reportFile }: NonNullable<SetupResult['test']>,
  fancy: boolean,
): string {
  const table = servers.length > 0 ? renderValidation(servers, fancy) : 'Nothing was tested.';
  const notes = skipped.map(({ server, reason }) => `${server}: not tested, ${reason}`);
  return [table, ...notes, `Report: ${reportFile}`].join('\n');
}

function watchedTable(servers: readonly Watched[], fancy: boolean): string {
  const rows = servers.map(({ name, state, health, healthy, changes }) => [
    ...[name, state, health, healthyText(healthy), String(changes.length)],
  ]);
  return renderTable(['Server', 'State', 'Health', 'Always healthy', 'Changes'], rows, fancy);
}

function healthyText(healthy: boolean | null): string {
  if (healthy === null) return '-';
  return healthy ? 'yes' : 'no';
}

function ending({ conflicts, stoppedBefore }: SetupResult): string[] {
  const lines = [
    ...conflicts.map(({ reason }) => `Not imported: ${reason}`),
    ...(stoppedBefore === undefined
      ? []
      : [`Stopped before this step: ${stoppedBefore}. To continue despite failures, use --force.`]),
  ];
  return lines.length > 0 ? [lines.join('\n')] : [];
}
