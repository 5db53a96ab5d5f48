import path from 'node:path';
import { packageRoot } from '../../../src/base/package-root';
import { runProgram } from './run-program';
import { type CheckOf, type Finding, type Limit, type Subject } from './subject';

/** Plain JavaScript beside the sources: a process of its own loads it, even when nothing was compiled. */
const RUNNER = ['bin', 'check-module.mjs'];

/** Runs a module in its own process, so that one that hangs or crashes costs the host nothing. */
export async function checkModule(
  { path: file }: CheckOf<'module'>,
  subject: Subject,
  limit: Limit,
): Finding {
  const runner = path.join(packageRoot(), ...RUNNER);
  const program = { command: process.execPath, args: [runner, file] };
  const failure = await runProgram(program, subject, limit);
  return failure && (failure.said.join(': ') || `${file} ${failure.how}`);
}
