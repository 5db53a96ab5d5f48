import { type Sighting } from './sightings';

/** Results of a run: the outcomes that callers got, and the executions. */
export interface Evidence {
  keys: readonly string[];
  /** Outcomes that callers got during the run, in that order. */
  sightings: readonly Sighting[];
  /** Outcomes when every key was submitted once more after the run. */
  last: readonly Sighting[];
  /** Key of each execution. */
  ledger: readonly string[];
}

export interface Violation {
  key: string;
  problem: string;
}

/** Lists what must not happen to calls, key by key. */
export function violationsOf({ keys, sightings, last, ledger }: Evidence): Violation[] {
  const seen = grouped(sightings);
  const lastSeen = grouped(last);
  const executions = countOf(ledger);
  const known = new Set(keys);
  const strangers = [...executions.keys()].filter((key) => !known.has(key));
  return [
    ...strangers.map((key) => ({ key, problem: 'was executed although nobody called it' })),
    ...keys.flatMap((key) => {
      const [final] = lastSeen.get(key) ?? [];
      const problems = problemsOf(seen.get(key) ?? [], final, executions.get(key) ?? 0);
      return problems.map((problem) => ({ key, problem }));
    }),
  ];
}

/** Lists the problems of one key. A call with an unknown outcome may have run or not; everything else is certain. */
function problemsOf(
  seen: readonly Sighting[],
  final: Sighting | undefined,
  executions: number,
): string[] {
  const problems = executions > 1 ? [`was executed ${executions} times`] : [];
  if (!final) return [...problems, 'has no outcome'];
  const { outcome, code } = final;
  if (outcome === 'ok' && executions === 0) problems.push('is ok and was never executed');
  if (outcome === 'failed') {
    problems.push(`does not run although its server does (${code})`);
    if (executions > 0) problems.push('is told as not run and was executed');
  }
  if (outcome === 'tool_error' || outcome === 'cancelled') problems.push(`ended as ${outcome}`);
  const changed = seen.find((sighting) => isEnd(sighting) && !isSame(sighting, final));
  if (changed) problems.push(`was told as ${textOf(changed)}, and at the end as ${textOf(final)}`);
  return problems;
}

/** A call that did not run may be made again under its key, and may end in another way then. */
const isEnd = ({ outcome }: Sighting) => outcome !== 'failed';

const isSame = (a: Sighting, b: Sighting) =>
  a.outcome === b.outcome && a.callId === b.callId && a.answer === b.answer;

const textOf = ({ outcome, callId, answer }: Sighting) => `${outcome} ${callId} ${answer}`;

function grouped(sightings: readonly Sighting[]): Map<string, Sighting[]> {
  const groups = new Map<string, Sighting[]>();
  for (const sighting of sightings) {
    const group = groups.get(sighting.key);
    if (group) group.push(sighting);
    else groups.set(sighting.key, [sighting]);
  }
  return groups;
}

function countOf(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
