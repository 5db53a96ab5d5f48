import { matchesGlob } from '../../base/glob';

/** Known matches by the patterns of a spec, and then by tool: matching costs more than all else that is decided about a call. */
const known = new WeakMap<readonly string[], Map<string, boolean>>();

/** Whether one of the patterns names the tool. */
export function matchesTool(patterns: readonly string[] | undefined, tool: string): boolean {
  if (!patterns) return false;
  let answers = known.get(patterns);
  if (!answers) known.set(patterns, (answers = new Map<string, boolean>()));
  let answer = answers.get(tool);
  if (answer === undefined) {
    answer = patterns.some((pattern) => matchesGlob(pattern, tool));
    answers.set(tool, answer);
  }
  return answer;
}
