/** One line of the report: something that Mainspring or its servers need, and whether it is there. */
export interface Finding {
  /** Stable, such as `npm` or `variable:GITHUB_TOKEN`. */
  id: string;
  title: string;
  status: FindingStatus;
  found: string;
  /** What there should be; absent when nothing in particular is needed. */
  needed?: string;
  /** Servers that cannot do without it, or are concerned; none when it is Mainspring's own. */
  affects: string[];
  /** What to do on this machine; absent when nothing is wrong, and nothing to be considered. */
  fix?: string;
  /** `mainspring doctor --fix` does something about it. */
  fixable: boolean;
}

/** `missing` is only what is needed; a warning can be lived with. */
export type FindingStatus = 'ok' | 'warning' | 'missing';

export type FindingSummary = Record<FindingStatus, number>;

export function summarise(findings: readonly Finding[]): FindingSummary {
  const summary: FindingSummary = { ok: 0, warning: 0, missing: 0 };
  for (const { status } of findings) summary[status] += 1;
  return summary;
}
