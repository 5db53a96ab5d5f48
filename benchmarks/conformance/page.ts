import path from 'node:path';
import { packageRoot } from '../../src/base/package-root';
import { type Comparison } from './run';
import { type Group, REVISIONS } from './suite';

export const PAGE = path.join(packageRoot(), 'docs', 'conformance.md');

const INTRODUCTION = `# Conformance

This page shows the results of the official MCP conformance suite (\`@modelcontextprotocol/conformance@0.2.0-alpha.12\`)
for one server, \`test/fixtures/conformance-server.js\`, which is written with the SDK. The suite tests the server
directly, and through Mainspring at \`/mcp/s/conformance\`.

A scenario passes if all of its checks pass without warnings. Every scenario that passes directly must pass through
Mainspring: \`npm test\` runs both, and fails otherwise. \`npm run conformance\` generates this page.`;

const GROUPS: Record<Group, string> = {
  required: '',
  extension: 'extension',
  pending: 'pending',
  'added-after-release': 'added later',
};

/** Renders the page docs/conformance.md, in Markdown as Prettier formats it. */
export function renderPage(comparisons: readonly Comparison[]): string {
  const sections = REVISIONS.map((revision) => {
    const rows = comparisons.filter((comparison) => comparison.revision === revision);
    return `## Requirement set ${revision}\n\n${summary(rows)}\n\n${table(rows)}`;
  });
  const tasks =
    'The server does not support tasks. Mainspring adds them, so its tools can run as tasks all the same.';
  return `${[INTRODUCTION, ...sections, tasks].join('\n\n')}\n`;
}

function summary(rows: readonly Comparison[]): string {
  const required = rows.filter(({ direct }) => direct.group === 'required');
  const count = (passes: (row: Comparison) => boolean) => required.filter(passes).length;
  const direct = count((row) => row.direct.passes);
  const through = count((row) => row.through.passes);
  return (
    `Of ${required.length} required scenarios, ${direct} pass directly and ${through} through Mainspring. ` +
    'The others run, but are not scored.'
  );
}

function table(rows: readonly Comparison[]): string {
  const cells = [
    ['scenario', 'not scored', 'direct', 'through Mainspring'],
    ...rows.map(({ direct, through }) => [
      direct.name,
      GROUPS[direct.group],
      verdict(direct.passes),
      verdict(through.passes),
    ]),
  ];
  const [head = [], ...body] = cells;
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(head), rule, ...body.map(line)].join('\n');
}

const verdict = (passes: boolean) => (passes ? 'passes' : 'fails');
