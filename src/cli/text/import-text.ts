import path from 'node:path';
import {
  type ImportChange,
  type ImportPlan,
  type MissingVariable,
} from '../../offline/import-servers';
import { renderTable } from './table';

/** Renders what an import would change, what it leaves out, and what must be filled in first. */
export function importText(plan: ImportPlan, home: string, fancy: boolean): string {
  const parts = [
    changesText(plan.changes, fancy),
    plan.changes.flatMap(notesOf).join('\n'),
    leftOutText(plan),
    missingText(plan.missing, home, fancy),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function changesText(changes: readonly ImportChange[], fancy: boolean): string {
  if (changes.length === 0) return 'Nothing to import.';
  const rows = changes.map(({ change, kind, name, dialect, file, line }) => [
    change,
    kind === 'server' ? name : `${kind} ${name}`,
    dialect ?? '-',
    line === undefined ? file : `${file}:${line}`,
  ]);
  return renderTable(['Change', 'Name', 'Format', 'Location'], rows, fancy);
}

function notesOf({ name, reason, writtenName, warnings, secrets }: ImportChange): string[] {
  return [
    ...(reason ? [`${name}: ${reason}`] : []),
    ...(writtenName ? [`${name}: named "${writtenName}" in its file`] : []),
    ...warnings.map((warning) => `${name}: ${warning}`),
    ...(secrets.length > 0
      ? [`${name}: --extract-secrets moves ${secrets.join(', ')} to secrets.env`]
      : []),
  ];
}

function leftOutText({ leftOut }: ImportPlan): string {
  if (leftOut.length === 0) return '';
  const lines = leftOut.map(({ file, line, name, reason }) => {
    const server = name === undefined ? '' : `${name}: `;
    return `  ${file}:${line}: ${server}${reason}`;
  });
  return ['Skipped:', ...lines].join('\n');
}

function missingText(missing: readonly MissingVariable[], home: string, fancy: boolean): string {
  if (missing.length === 0) return '';
  const rows = missing.map(({ variable, description = '', neededBy }) => [
    variable,
    neededBy.map(({ server, field }) => `${server} (${field})`).join(', '),
    description,
  ]);
  return [
    'Set these variables before starting the servers:',
    renderTable(['Variable', 'Needed by', 'Description'], rows, fancy),
    `Set them in ${path.join(home, 'secrets.env')} (one NAME=value per line) or in the environment of mainspring up.`,
  ].join('\n');
}
