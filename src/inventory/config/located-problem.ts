import { type LocatedJson } from './located-json';
import { formatPath, type Problem } from './problems';

/** Formats a problem as `12: mcpServers.github.args: expected a list`, to follow the name of a file. */
export function lineAt(located: LocatedJson, problem: Problem): string {
  const { line, text } = locatedProblem(located, problem);
  return `${line}: ${text}`;
}

export function locatedProblem(
  located: LocatedJson,
  { path, message }: Problem,
): { line: number; text: string } {
  const field = path.length > 0 ? `${formatPath(path)}: ` : '';
  return { line: located.lineOf(path), text: `${field}${message}` };
}
