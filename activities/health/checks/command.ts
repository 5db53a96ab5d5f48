import { runProgram } from './run-program';
import { type CheckOf, type Finding, type Limit, type Subject } from './subject';

export async function checkCommand(
  { command, args }: CheckOf<'command'>,
  subject: Subject,
  limit: Limit,
): Finding {
  const failure = await runProgram({ command, args }, subject, limit);
  return failure && [`${command} ${failure.how}`, ...failure.said].join(': ');
}
