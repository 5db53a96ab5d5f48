import { type ValidationReport, validationSummary } from '../src/domain/servers/validation';

/** Renders the Markdown that the Temporal UI shows above the history. */
export function validationDetailsOf(report: ValidationReport): string {
  const { server, passed, checks } = report;
  const rows = checks.map(
    ({ name, status, detail }) => `| ${name} | ${status} | ${cell(detail)} |`,
  );
  return [
    `**${server}** ${passed ? 'passed' : '**failed**'}: ${validationSummary(report)}`,
    '',
    '| check | status | detail |',
    '|---|---|---|',
    ...rows,
  ].join('\n');
}

/** Longest text of a cell: Temporal takes 20,000 bytes of details in all. */
const MAX_CELL_LENGTH = 300;

/** Formats text as one line, in which a bar does not end the cell. */
function cell(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const short = line.length <= MAX_CELL_LENGTH ? line : `${line.slice(0, MAX_CELL_LENGTH)}…`;
  return short.replaceAll('|', '\\|');
}
