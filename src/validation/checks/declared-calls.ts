import { type ServerSpec } from '../../domain/spec';
import { contentText, isRefused, replyText } from '../request-once';
import { type Check } from '../check';
import { callDeclared, declaredCalls } from '../declared';
import { findingOf, type Problem, skipped } from '../finding';
import { type Trial } from '../trial';
import { type ValidationCall } from '../../domain/servers/validation-spec';

/** Longest part of an unexpected answer that is shown. */
const SHOWN_LENGTH = 200;

export const safeCalls: Check = {
  name: 'calls',
  extraMs: (spec: ServerSpec) => declaredCalls(spec).length * spec.timeouts.callMs,
  async run(trial, signal) {
    const calls = declaredCalls(trial.spec);
    if (calls.length === 0) return skipped('no call is declared as safe ("validation.calls")');
    const problems: Problem[] = [];
    for (const call of calls) {
      const problem = await problemOf(trial, call, signal);
      if (problem !== undefined) problems.push({ status: 'failed', text: problem });
    }
    return findingOf(problems, `${calls.length} of ${calls.length} returned the expected result`);
  },
};

async function problemOf(
  trial: Trial,
  call: ValidationCall,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { tool, expect } = call;
  const isListed = trial.tools?.some(({ name }) => name === tool) ?? true;
  if (!isListed) return `there is no tool "${tool}"`;
  const connection = await trial.connection(signal);
  const reply = await callDeclared(connection, call, {
    signal,
    timeoutMs: trial.spec.timeouts.callMs,
  });
  if (reply.kind === 'error' || isRefused(reply)) return `${tool}: ${shown(replyText(reply))}`;
  if (expect === undefined) return undefined;
  const text = contentText(reply.result) ?? JSON.stringify(reply.result);
  if (text.includes(expect)) return undefined;
  return `${tool}: expected a result with ${JSON.stringify(expect)}, got: ${shown(text)}`;
}

function shown(text: string): string {
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}…`;
}
