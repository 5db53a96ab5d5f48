import pc from 'picocolors';
import {
  failedChecks,
  type ValidationReport,
  type ValidationStatus,
  validationSummary,
} from '../../domain/servers/validation';
import { type ValidationProgress } from '../../client/validation';
import { oneLine } from './one-line';
import { durationText, renderTable } from './table';

const MAX_DETAIL_LENGTH = 100;
const ICONS: Record<ValidationStatus, string> = {
  passed: '✔',
  failed: '✖',
  warning: '▲',
  skipped: '·',
};
const COLOURS = { passed: pc.green, failed: pc.red, warning: pc.yellow, skipped: pc.dim };

/** Renders the progress of a validation for a person. */
export function progressText({ server, check, report }: ValidationProgress): string {
  if (report) return `  ${server}: ${resultText(report, false)}`;
  return `  ${server}: ${check ?? 'waiting for a host'}…`;
}

/** Renders one server in full; several with one line each, and what is not right. */
export function renderValidation(reports: readonly ValidationReport[], fancy: boolean): string {
  const [only] = reports;
  if (only === undefined) return 'No servers to validate. Add one: mainspring add';
  if (reports.length === 1) return [headline(only, fancy), checkTable(only, fancy)].join('\n');
  const rows = reports.map((report) => [
    report.server,
    resultText(report, fancy),
    report.load ? `${report.load.p50Ms} / ${report.load.p95Ms} ms` : '-',
    durationText(report.durationMs),
  ]);
  const table = renderTable(['Server', 'Result', 'p50 / p95', 'Duration'], rows, fancy);
  return [table, ...reports.flatMap((report) => troubles(report, fancy))].join('\n');
}

function headline(report: ValidationReport, fancy: boolean): string {
  const { serverInfo, protocolVersion, durationMs } = report;
  const what = serverInfo
    ? ` (${serverInfo.name} ${serverInfo.version}, MCP ${protocolVersion})`
    : '';
  const took = durationText(durationMs);
  return `${report.server}${what}: ${resultText(report, fancy)}, in ${took}`;
}

function checkTable({ checks }: ValidationReport, fancy: boolean): string {
  const rows = checks.map(({ name, status, detail, ms }) => [
    name,
    statusText(status, fancy),
    durationText(ms),
    // Failures are shown in full.
    status === 'failed' ? oneLine(detail) : shortened(oneLine(detail)),
  ]);
  return renderTable(['Check', 'Result', 'Duration', 'Detail'], rows, fancy);
}

function troubles(report: ValidationReport, fancy: boolean): string[] {
  const found = report.checks.filter(({ status }) => status === 'failed' || status === 'warning');
  return found.map(
    ({ name, status, detail }) =>
      `${report.server}, ${name}: ${statusText(status, fancy)}: ${oneLine(detail)}`,
  );
}

function resultText(report: ValidationReport, fancy: boolean): string {
  const verdict = statusText(report.passed ? 'passed' : 'failed', fancy);
  const names = failedChecks(report).map(({ name }) => name);
  return report.passed
    ? `${verdict} (${validationSummary(report)})`
    : `${verdict}: ${names.join(', ')}`;
}

function statusText(status: ValidationStatus, fancy: boolean): string {
  return fancy ? COLOURS[status](`${ICONS[status]} ${status}`) : status;
}

function shortened(text: string): string {
  return text.length <= MAX_DETAIL_LENGTH ? text : `${text.slice(0, MAX_DETAIL_LENGTH - 1)}…`;
}
