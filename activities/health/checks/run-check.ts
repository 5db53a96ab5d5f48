import {
  type CheckResult,
  type HealthCheck,
  type HealthPolicy,
} from '../../../src/domain/health/health';
import { isOptional, slowAfterMs, timeoutOf } from '../../../src/domain/health/health-policy';
import { rootMessage } from '../../../src/mcp/session/connect-error';
import { checkCommand } from './command';
import { checkHttp } from './http';
import { checkModule } from './module';
import { checkPing } from './ping';
import { checkProcess } from './process';
import { type Finding, type Limit, Remark, type Subject } from './subject';
import { checkTool } from './tool';
import { checkTools } from './tools';

const MAX_MESSAGE_LENGTH = 500;

/** Makes one check of a server; resolves within its timeout, and never rejects. `ended` aborts it earlier. */
export async function runCheck(
  policy: HealthPolicy,
  check: HealthCheck,
  subject: Subject,
  ended: AbortSignal,
): Promise<CheckResult> {
  const { kind, name = kind, advisory } = check;
  const about = {
    name,
    kind,
    ...(advisory && { advisory }),
    ...(isOptional(check) && { optional: true }),
  };
  const timeoutMs = timeoutOf(policy, check);
  let startedAt = performance.now();
  try {
    const extend = () => (startedAt = performance.now());
    const problem = await within(timeoutMs, ended, extend, (limit) =>
      perform(check, subject, limit),
    );
    const latencyMs = Math.round((performance.now() - startedAt) * 10) / 10;
    const slowMs = slowAfterMs(policy, check) ?? Infinity;
    const answered = { ...about, ...(kind !== 'process' && { latencyMs }) };
    if (problem instanceof Remark) {
      const message = shown(subject, problem.text);
      return { ...answered, status: 'failed', advisory: true, message };
    }
    if (problem !== undefined) {
      return { ...answered, status: 'failed', message: shown(subject, problem) };
    }
    if (latencyMs <= slowMs) return { ...answered, status: 'passed' };
    return { ...answered, status: 'slow', message: `took ${latencyMs} ms` };
  } catch (error) {
    return { ...about, status: 'failed', message: shown(subject, rootMessage(error)) };
  }
}

function perform(check: HealthCheck, subject: Subject, limit: Limit): Finding {
  switch (check.kind) {
    case 'ping':
      return checkPing(subject, limit);
    case 'tools':
      return checkTools(subject, limit);
    case 'tool':
      return checkTool(check, subject, limit);
    case 'http':
      return checkHttp(check, subject, limit);
    case 'process':
      return checkProcess(check, subject);
    case 'command':
      return checkCommand(check, subject, limit);
    case 'module':
      return checkModule(check, subject, limit);
  }
}

async function within<Result>(
  timeoutMs: number,
  ended: AbortSignal,
  onExtend: () => void,
  act: (limit: Limit) => Promise<Result>,
): Promise<Result> {
  const limit = new AbortController();
  const giveUp = () => limit.abort(ended.reason);
  const beLate = () => limit.abort(new Error(`no answer within ${timeoutMs} ms`));
  const timer = setTimeout(beLate, timeoutMs);
  ended.addEventListener('abort', giveUp, { once: true });
  const { signal } = limit;
  const extend = () => {
    timer.refresh();
    onExtend();
  };
  const over = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  try {
    return await Promise.race([act({ signal, timeoutMs, extend }), over]);
  } finally {
    clearTimeout(timer);
    ended.removeEventListener('abort', giveUp);
  }
}

/** Prepares a message to be stored and shown: without the server's secrets, and not longer than needed. */
function shown({ serving }: Subject, message: string): string {
  const masked = serving.mask(message);
  return masked.length <= MAX_MESSAGE_LENGTH ? masked : `${masked.slice(0, MAX_MESSAGE_LENGTH)}…`;
}
