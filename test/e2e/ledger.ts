import { existsSync, readFileSync } from 'node:fs';

/** What the tool `count` of the tiny servers has written: one line per execution. */
export function executions(ledger: string): string[] {
  return existsSync(ledger) ? readFileSync(ledger, 'utf8').split('\n').slice(0, -1) : [];
}

/** Lines that are there more than once: calls that ran twice. */
export function repeated(lines: readonly string[]): string[] {
  return lines.filter((line, index) => lines.indexOf(line) !== index);
}
