/** One line of the report: something that Mainspring or its servers need, and its state. */
export interface Finding {
  /** Stable, such as `npm` or `variable:GITHUB_TOKEN`. */
  id: string;
  title: string;
  status: FindingStatus;
  found: string;
  /** Requirement; absent when nothing in particular is needed. */
  needed?: string;
  /** Servers that need it or are affected by it; empty when only Mainspring needs it. */
  affects: string[];
  /** Instruction for this machine; absent when no action is needed or advised. */
  fix?: string;
  /** Whether `mainspring doctor --fix` can fix it. */
  fixable: boolean;
}

/** `missing` is required; a `warning` is not. */
export type FindingStatus = 'ok' | 'warning' | 'missing';

export type FindingSummary = Record<FindingStatus, number>;

export function summarise(findings: readonly Finding[]): FindingSummary {
  const summary: FindingSummary = { ok: 0, warning: 0, missing: 0 };
  for (const { status } of findings) summary[status] += 1;
  return summary;
}
