import { MainspringError, reportOf } from '../../base/errors';
import { type Bridge } from './bridge';
import { connect, ConnectionRefused, type GatewayAddress } from './connect';
import { pause } from '../../async/pause';

/** Longest wait for a gateway at the start. */
const STDIO_CONNECT_TIMEOUT_MS = 10_000;
/** Pauses between attempts to reconnect. */
const RECONNECT_FIRST_MS = 50;
const RECONNECT_MAX_MS = 2_000;
/** Time without a gateway after which waiting requests are answered with an error. */
const OFFLINE_ANSWER_MS = 60_000;

export interface StayConnectedOptions {
  bridge: Bridge;
  /**
   * Called before every attempt, because a restarted instance may have another address. Throws a
   * MainspringError if there is none.
   */
  locate: () => Promise<GatewayAddress>;
  /** Fires when the bridge is no longer needed. */
  end: AbortSignal;
  /** Reports messages for the user. */
  report: (text: string) => void;
  timing?: { connectMs: number; offlineMs: number };
}

/**
 * Connects the bridge to the gateway, and reconnects whenever the connection breaks, with the same
 * session. Resolves after `end`.
 *
 * @throws MainspringError when there is no gateway at the start, or it refuses the connection
 */
export async function stayConnected(options: StayConnectedOptions): Promise<void> {
  const { bridge, end, report } = options;
  const { connectMs, offlineMs } = options.timing ?? {
    connectMs: STDIO_CONNECT_TIMEOUT_MS,
    offlineMs: OFFLINE_ANSWER_MS,
  };
  const state: ConnectionState = { failures: 0, offlineSinceMs: Date.now() };
  while (!end.aborted) {
    const problem = await attempt(options, state);
    if (end.aborted) return;
    if (problem && isFinal(problem)) {
      bridge.failAll(problem.error);
      throw problem.error;
    }
    const offlineForMs = Date.now() - state.offlineSinceMs;
    const isHopeless = problem instanceof MainspringError || offlineForMs >= connectMs;
    if (!state.wasConnected && isHopeless) throw errorOf(problem);
    if (offlineForMs >= offlineMs) bridge.failAll(errorOf(problem));
    if (state.failures === 0 && state.wasConnected)
      report('Lost the connection to Mainspring; reconnecting …');
    await pause(pauseMs(state.failures), end);
    state.failures += 1;
  }
}

interface ConnectionState {
  /** Number of consecutive failed attempts. */
  failures: number;
  offlineSinceMs: number;
  wasConnected?: true;
  sessionId?: string;
}

/** Runs one connection. Resolves at its end with the error if there was no connection. */
async function attempt(
  { bridge, locate, end, report }: StayConnectedOptions,
  state: ConnectionState,
): Promise<unknown> {
  const presented = bridge.hasSession ? state.sessionId : undefined;
  const open = (connected: Parameters<Parameters<typeof connect>[2]['open']>[0]) => {
    if (state.wasConnected) report('Reconnected to Mainspring.');
    Object.assign(state, { failures: 0, wasConnected: true, sessionId: connected.sessionId });
    bridge.connected({ ...connected, isNew: presented === undefined });
  };
  const message = (text: string) => bridge.fromGateway(text);
  try {
    await connect(await locate(), presented, { open, message }, end);
    state.offlineSinceMs = Date.now();
    return undefined;
  } catch (error) {
    if (isLostSession(error) && presented !== undefined) delete state.sessionId;
    return error;
  } finally {
    bridge.disconnected();
  }
}

/** Whether a retry cannot succeed. */
function isFinal(problem: unknown): problem is ConnectionRefused {
  if (!(problem instanceof ConnectionRefused) || isLostSession(problem)) return false;
  return problem.status >= 400 && problem.status < 500 && problem.status !== 429;
}

function isLostSession(problem: unknown): boolean {
  return problem instanceof ConnectionRefused && problem.error.code === 'UNKNOWN_SESSION';
}

function errorOf(problem: unknown): MainspringError {
  if (problem instanceof MainspringError) return problem;
  if (problem instanceof ConnectionRefused) return problem.error;
  const why = reportOf(problem).message || 'no response';
  return new MainspringError('NOT_RUNNING', `Cannot reach the Mainspring gateway: ${why}.`);
}

/** Doubles, and is randomised for clients that were disconnected at the same time. */
function pauseMs(failures: number): number {
  const full = Math.min(RECONNECT_FIRST_MS * 2 ** failures, RECONNECT_MAX_MS);
  return full * (0.5 + Math.random() / 2);
}
