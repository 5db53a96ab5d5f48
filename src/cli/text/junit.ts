import { type ValidationCheck, type ValidationReport } from '../../domain/servers/validation';

/** Renders the reports in the XML that CI systems read: a suite per server, a case per check. */
export function renderJunit(reports: readonly ValidationReport[]): string {
  const checks = reports.flatMap((report) => report.checks);
  const seconds = reports.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1_000;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="mainspring validate" ${counts(checks)} time="${seconds.toFixed(3)}">`,
    ...reports.flatMap(suite),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite({ server, startedAtMs, durationMs, checks }: ValidationReport): string[] {
  const time = (durationMs / 1_000).toFixed(3);
  const timestamp = new Date(startedAtMs).toISOString().slice(0, 19);
  return [
    `  <testsuite name="${escaped(server)}" ${counts(checks)} time="${time}" timestamp="${timestamp}">`,
    ...checks.flatMap((check) => testcase(server, check)),
    '  </testsuite>',
  ];
}

function testcase(server: string, { name, status, detail, ms }: ValidationCheck): string[] {
  const time = (ms / 1_000).toFixed(3);
  const open = `    <testcase classname="${escaped(server)}" name="${escaped(name)}" time="${time}">`;
  const text = escaped(detail);
  const [firstLine = ''] = detail.split('\n');
  const content = {
    failed: `<failure message="${escaped(firstLine)}">${text}</failure>`,
    skipped: `<skipped message="${escaped(firstLine)}"/>`,
    // JUnit knows no warnings; it is a pass whose output says more.
    warning: `<system-out>warning: ${text}</system-out>`,
    passed: `<system-out>${text}</system-out>`,
  }[status];
  return [open, `      ${content}`, '    </testcase>'];
}

function counts(checks: readonly ValidationCheck[]): string {
  const count = (status: ValidationCheck['status']) =>
    checks.filter((check) => check.status === status).length;
  return `tests="${checks.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}"`;
}

/** Characters that XML 1.0 has no way to write, lone surrogates included (https://www.w3.org/TR/xml/#charsets). */
// eslint-disable-next-line no-control-regex -- these are the ones
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu;

/** Escapes text for an attribute or an element. */
function escaped(text: string): string {
  return text
    .replace(FORBIDDEN, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\r', '&#13;')
    .replaceAll('\t', '&#9;');
}
