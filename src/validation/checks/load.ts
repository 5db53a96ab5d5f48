import { setTimeout as delay } from 'node:timers/promises';
import { type ServerSpec } from '../../domain/spec';
import { type ValidationLoad } from '../../domain/servers/validation';
import { type LiveConnection } from '../../mcp/session/live-connection';
import { groupMemory } from '../../process/group-memory';
import { requestOnce, isRefused } from '../request-once';
import { type Check } from '../check';
import { callDeclared, declaredCalls } from '../declared';
import { failed, findingOf, passed, type Problem, skipped, warning } from '../finding';
import {
  ANSWER_LIMIT_MS,
  LOAD_ATTEMPTS,
  LOAD_AVERAGE_LIMIT_MS,
  LOAD_PAUSE_MS,
  LOAD_REQUESTS,
  LOAD_SUCCESS_RATE,
  MEMORY_GROWTH_LIMIT_BYTES,
} from '../limits';
import { loadText, type Sample, summarise } from '../summarise';

const MIB = 2 ** 20;

/** Sends many requests at once; the memory of the server's processes is read before and after. */
export const load: Check = {
  name: 'load',
  async run(trial, signal) {
    const { spec } = trial;
    const isRemote = spec.process === undefined;
    if (isRemote && declaredCalls(spec).length === 0) {
      return skipped('remote server, and no call is declared as safe ("validation.calls")');
    }
    const connection = await trial.connection(signal);
    const [what, request] = requestOf(spec, connection, signal);
    const before = memoryOf(connection);
    // Warm-up: opens connections, compiles and caches, which only the first requests pay for.
    const first = await burst(request);
    if (!first.some(({ succeeded }) => succeeded)) return failed(`${what}: no request succeeded`);
    const measured = await measure(request, signal);
    const after = memoryOf(connection);
    trial.measurements.load = measured;
    if (before !== undefined && after !== undefined) {
      trial.measurements.memory = { beforeBytes: before, afterBytes: after };
    }
    return findingOf(
      loadProblems(measured, isRemote),
      `${LOAD_REQUESTS} × ${what}: ${loadText(measured)}`,
    );
  },
};

export const memory: Check = {
  name: 'memory',
  async run({ measurements: measured, spec }) {
    if (spec.process === undefined) return skipped('its processes are not managed by Mainspring');
    if (!measured.memory) return skipped('not measured');
    const { beforeBytes, afterBytes } = measured.memory;
    const text = `${Math.round(beforeBytes / MIB)} MiB before the load, ${Math.round(afterBytes / MIB)} MiB after`;
    return afterBytes - beforeBytes > MEMORY_GROWTH_LIMIT_BYTES ? warning(text) : passed(text);
  },
};

/** A slow remote server is only a warning, because the network may be the reason. */
function loadProblems(measured: ValidationLoad, isRemote: boolean): Problem[] {
  const problems: Problem[] = [];
  if (!isReliable(measured)) {
    const missed = measured.requests - measured.succeeded;
    const text = `${missed} of ${measured.requests} requests failed; ${loadText(measured)}`;
    problems.push({ status: 'failed', text });
  }
  if (measured.averageMs >= LOAD_AVERAGE_LIMIT_MS) {
    const text = `average response time of ${LOAD_AVERAGE_LIMIT_MS} ms or more: ${loadText(measured)}`;
    problems.push({ status: isRemote ? 'warning' : 'failed', text });
  }
  return problems;
}

function isReliable({ succeeded, requests }: ValidationLoad): boolean {
  return succeeded / requests > LOAD_SUCCESS_RATE;
}

type Request = () => Promise<boolean>;

/** Returns the first declared call, or else a request that every server can answer. */
function requestOf(
  spec: ServerSpec,
  connection: LiveConnection,
  signal: AbortSignal,
): [what: string, request: Request] {
  const [call] = declaredCalls(spec);
  if (call) {
    const options = { signal, timeoutMs: ANSWER_LIMIT_MS };
    const request = async () => !isRefused(await callDeclared(connection, call, options));
    return [`call ${call.tool}`, request];
  }
  if ('tools' in connection.capabilities) {
    const request = async () =>
      !isRefused(await requestOnce(connection, 'tools/list', {}, { signal }));
    return ['tools/list', request];
  }
  return ['ping', () => connection.ping(ANSWER_LIMIT_MS).then(() => true)];
}

/**
 * Measures again if the result is slow, because the machine may have been busy with something else.
 */
async function measure(request: Request, signal: AbortSignal): Promise<ValidationLoad> {
  for (let attempt = 1; ; attempt++) {
    const measured = summarise(await burst(request));
    const isFast = measured.averageMs < LOAD_AVERAGE_LIMIT_MS;
    if (isFast || !isReliable(measured) || attempt === LOAD_ATTEMPTS) return measured;
    await delay(LOAD_PAUSE_MS, undefined, { signal });
  }
}

function burst(request: Request): Promise<Sample[]> {
  return Promise.all(Array.from({ length: LOAD_REQUESTS }, () => timed(request)));
}

async function timed(request: Request): Promise<Sample> {
  const startedAt = performance.now();
  const succeeded = await request().catch(() => false);
  return { ms: performance.now() - startedAt, succeeded };
}

function memoryOf({ pid }: LiveConnection): number | undefined {
  return pid === undefined ? undefined : groupMemory(pid);
}
