import pc from 'picocolors';
import { type Finding, type FindingStatus, summarise } from '../../doctor/finding';
import { type Fix } from '../../doctor/fix';

const ICONS: Record<FindingStatus, string> = { ok: '✔', warning: '▲', missing: '✖' };
const COLOURS = { ok: pc.green, warning: pc.yellow, missing: pc.red };
const STATUS_WIDTH = 'warning'.length;
const MAX_TITLE_WIDTH = 32;
const INDENT = '    ';

/** Renders a line for each finding, what it concerns and what to do indented below, and a summary. */
export function renderFindings(findings: readonly Finding[], fancy: boolean): string[] {
  const width = Math.min(
    MAX_TITLE_WIDTH,
    Math.max(0, ...findings.map(({ title }) => title.length)),
  );
  const lines = findings.flatMap((finding) => [
    headline(finding, width, fancy),
    ...(finding.status === 'ok' && finding.fix === undefined ? [] : detailsOf(finding)),
  ]);
  return [...lines, '', sumOf(findings, fancy)];
}

/** Lists the changes that `--fix` has made. */
export function changesOf(
  before: readonly Finding[],
  after: readonly Finding[],
  fixes: readonly Fix[],
): string[] {
  if (fixes.length === 0) return ['Nothing to fix without root.'];
  const done = fixes.map((fix) => `${fix.done ? 'Done' : 'Failed'}: ${fix.detail}`);
  const changed = before.flatMap(({ id, title, status }) => {
    const now = after.find((finding) => finding.id === id)?.status;
    return now === undefined || now === status ? [] : [`Changed: ${title}: ${status} → ${now}`];
  });
  return [...done, ...changed];
}

function headline({ title, status, found }: Finding, width: number, fancy: boolean): string {
  const shown = fancy ? COLOURS[status](ICONS[status]) : status.padEnd(STATUS_WIDTH);
  return `${shown}  ${title.padEnd(width)}  ${found}`;
}

function detailsOf({ needed, affects, fix }: Finding): string[] {
  return [
    ...(needed === undefined ? [] : [`${INDENT}needed: ${needed}`]),
    ...(affects.length === 0 ? [] : [`${INDENT}affects: ${affects.join(', ')}`]),
    ...(fix === undefined ? [] : [`${INDENT}fix: ${fix}`]),
  ];
}

function sumOf(findings: readonly Finding[], fancy: boolean): string {
  const { ok, warning, missing } = summarise(findings);
  const warnings = `${warning} ${warning === 1 ? 'warning' : 'warnings'}`;
  const counts = `${missing} missing, ${warnings}, ${ok} ok.`;
  const open = findings.some(({ fixable, status }) => fixable && status !== 'ok');
  const status = missing > 0 ? 'missing' : warning > 0 ? 'warning' : 'ok';
  return `${fancy ? COLOURS[status](counts) : counts}${open ? ' To fix what does not require root: mainspring doctor --fix' : ''}`;
}
