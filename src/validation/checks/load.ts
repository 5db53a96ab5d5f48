import { type ServerSpec } from '../../domain/spec';
import { type ValidationLoad } from '../../domain/validation';
import { type LiveConnection } from '../../mcp/live-connection';
import { groupMemory } from '../../process/group-memory';
import { ask, isRefused } from '../ask';
import { type Check } from '../check';
import { callDeclared, declaredCalls } from '../declared';
import { findingOf, passed, type Problem, skipped, warning } from '../finding';
import {
  ANSWER_LIMIT_MS,
  LOAD_AVERAGE_LIMIT_MS,
  LOAD_REQUESTS,
  LOAD_SUCCESS_RATE,
  MEMORY_GROWTH_LIMIT_BYTES,
} from '../limits';
import { loadText, summarise } from '../summarise';

const MIB = 2 ** 20;

/** Puts many requests to the server at once; the memory of its processes is read before and after. */
export const load: Check = {
  name: 'load',
  extraMs: ({ timeouts }) => 2 * timeouts.callMs,
  async run(trial, signal) {
    const { spec } = trial;
    const isRemote = spec.process === undefined;
    if (isRemote && declaredCalls(spec).length === 0) {
      return skipped('it runs elsewhere, and no call is declared as safe ("validation.calls")');
    }
    const connection = await trial.connection(signal);
    const [what, request] = requestOf(spec, connection, signal);
    await request(); // what is loaded at the first use is not load
    const before = memoryOf(connection);
    const samples = await Promise.all(Array.from({ length: LOAD_REQUESTS }, () => timed(request)));
    const after = memoryOf(connection);
    const measured = summarise(samples);
    trial.measured.load = measured;
    if (before !== undefined && after !== undefined) {
      trial.measured.memory = { beforeBytes: before, afterBytes: after };
    }
    return findingOf(
      loadProblems(measured, isRemote),
      `${LOAD_REQUESTS} × ${what}: ${loadText(measured)}`,
    );
  },
};

export const memory: Check = {
  name: 'memory',
  async run({ measured, spec }) {
    if (spec.process === undefined) return skipped('its processes are not ours');
    if (!measured.memory) return skipped('not measured');
    const { beforeBytes, afterBytes } = measured.memory;
    const text = `${Math.round(beforeBytes / MIB)} MiB before the load, ${Math.round(afterBytes / MIB)} MiB after`;
    return afterBytes - beforeBytes > MEMORY_GROWTH_LIMIT_BYTES ? warning(text) : passed(text);
  },
};

/** The network to a remote server is not its fault. */
function loadProblems(measured: ValidationLoad, isRemote: boolean): Problem[] {
  const problems: Problem[] = [];
  if (measured.succeeded / measured.requests <= LOAD_SUCCESS_RATE) {
    const missed = measured.requests - measured.succeeded;
    const text = `${missed} of ${measured.requests} requests did not succeed; ${loadText(measured)}`;
    problems.push({ status: 'failed', text });
  }
  if (measured.averageMs >= LOAD_AVERAGE_LIMIT_MS) {
    const text = `on average an answer took ${LOAD_AVERAGE_LIMIT_MS} ms or more: ${loadText(measured)}`;
    problems.push({ status: isRemote ? 'warning' : 'failed', text });
  }
  return problems;
}

type Request = () => Promise<boolean>;

/** The first declared call, else something that every server can answer. */
function requestOf(
  spec: ServerSpec,
  connection: LiveConnection,
  signal: AbortSignal,
): [what: string, request: Request] {
  const [call] = declaredCalls(spec);
  if (call) {
    const options = { signal, timeoutMs: spec.timeouts.callMs };
    const request = async () => !isRefused(await callDeclared(connection, call, options));
    return [`call ${call.tool}`, request];
  }
  if ('tools' in connection.capabilities) {
    const request = async () => !isRefused(await ask(connection, 'tools/list', {}, { signal }));
    return ['tools/list', request];
  }
  return ['ping', () => connection.ping(ANSWER_LIMIT_MS).then(() => true)];
}

async function timed(request: Request): Promise<{ ms: number; succeeded: boolean }> {
  const startedAt = performance.now();
  const succeeded = await request().catch(() => false);
  return { ms: performance.now() - startedAt, succeeded };
}

function memoryOf({ pid }: LiveConnection): number | undefined {
  return pid === undefined ? undefined : groupMemory(pid);
}
