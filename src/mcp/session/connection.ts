import { MainspringError } from '../../base/errors';
import { type ServerInterest } from '../../domain/hosts/socket-frames';
import { type ServerSpec } from '../../domain/spec';
import { type ListedTools } from '../../domain/catalogue/tools';
import { type Authorization } from './authorization';
import { captureLines } from '../../process/capture';
import { type ServerLog } from '../../process/log-file';
import { masked } from '../../process/mask';
import { type ExitStatus } from '../../process/spawn';
import { type HandshakeMode, isRefusal, isRefusedProbe } from './handshake';
import { LiveConnection } from './live-connection';
import { openSession, refuseTakenPort } from './open-session';
import { orExit, startOwned } from './owned-process';
import { type CallOptions } from '../calls/open-call';
import { type ListOptions, type ResourcesAndPrompts } from '../lists/listing';
import { type ServerFacts } from './server-facts';
import { type JsonObject } from '../../base/json';

/** Dependencies of a connection, provided by its host. */
export interface ConnectionDeps {
  hostId: string;
  /**
   * Log of the server, for the stderr of an owned process; also masks error texts. It survives
   * restarts, and the host closes it.
   */
  log: ServerLog;
  /** Folder with the records by which the containers of this host's programs are ended. */
  containers?: string | undefined;
  /** Called synchronously after the spawn, to notify the guard and write the records. */
  onSpawn?: (pgid: number) => void;
  /** Called when no process of the group is left. */
  onGone?: (pgid: number) => void;
  /** Aborts an open that is in progress and kills the process at once. Has no effect afterwards. */
  signal?: AbortSignal;
  /** Source of access tokens for a remote server. */
  authorization?: Authorization | undefined;
}

/** Connected MCP server, with its process if we own it. */
export interface McpConnection {
  /** Pid of the owned process (leader and ID of its group). */
  readonly pid?: number;
  readonly serverInfo: { name: string; version: string };
  readonly protocolVersion: string;
  readonly era: 'legacy' | 'modern';
  readonly instructions?: string;
  /** Data from the server's handshake, with every member. */
  readonly facts: ServerFacts;
  /**
   * Resolves, never rejects, with the reason why the connection ended: SERVER_EXITED or
   * CONNECTION_LOST.
   */
  readonly closed: Promise<MainspringError>;
  /** Exit status of the owned process; set before `closed` resolves with SERVER_EXITED. */
  readonly exitStatus: ExitStatus | undefined;
  /**
   * Lists the tools of the server; an invalid one is repaired or dropped. Throws NoList if there is
   * no list.
   */
  listTools(options?: ListOptions): Promise<ListedTools>;
  /**
   * Lists resources, templates and prompts. A list that fails is absent, and the server's log has
   * the reason.
   */
  listResourcesAndPrompts(): Promise<ResourcesAndPrompts>;
  /** Resolves with the result exactly as the server sent it; throws CallError. */
  callTool(tool: string, args: JsonObject, options: CallOptions): Promise<JsonObject>;
  /**
   * Sends any other request. Resolves with the result exactly as the server sent it; throws
   * CallError.
   */
  request(method: string, params: JsonObject, options: CallOptions): Promise<JsonObject>;
  /**
   * Resolves with the response time in milliseconds: of a ping, or of another request if the server
   * does not answer pings.
   */
  ping(timeoutMs: number): Promise<number>;
  /** Sets the listener for changes of the server's tools. */
  onToolsChanged(listener: () => void): void;
  /** Sets the listener for notifications that belong to no call. */
  onNotification(listener: (method: string, params: JsonObject) => void): void;
  /** Sets the listener for refused messages of the server; it gets the reason. */
  onRefused(listener: (why: string) => void): void;
  /**
   * Sets which resource updates and log messages are requested from the server. If the server
   * refuses, its log has the reason.
   */
  setInterest(interest: ServerInterest): void;
  /**
   * Ends the session gracefully, and an owned process within the grace period; resolves when
   * nothing is left.
   */
  close(graceMs: number): Promise<void>;
  /** Ends everything at once; resolves when nothing is left. */
  kill(): Promise<void>;
}

/**
 * Starts or reaches a server and completes the handshake; on failure it leaves nothing behind.
 * References are already resolved.
 */
export async function openConnection(
  spec: ServerSpec,
  deps: ConnectionDeps,
): Promise<LiveConnection> {
  const deadline = performance.now() + spec.timeouts.startMs;
  const [first, second] = handshakeModes(spec);
  try {
    return await open(spec, deps, first, deadline);
  } catch (error) {
    const isOther = first === 'probe' ? isRefusedProbe(error) : isRefusal(error);
    if (second === undefined || !isOther) throw error;
    // A process that got a wrong first message is not reused: servers exit on those, or stay in a
    // bad state.
    return await open(spec, deps, second, deadline);
  }
}

/**
 * Returns the handshakes to try, in order. Most servers are legacy, and only HTTP can be probed
 * without harm.
 */
function handshakeModes({ protocol, type }: ServerSpec): [HandshakeMode, HandshakeMode?] {
  if (protocol !== 'auto') return [protocol];
  return type === 'http' ? ['probe', 'legacy'] : ['legacy', 'modern'];
}

async function open(
  spec: ServerSpec,
  deps: ConnectionDeps,
  mode: HandshakeMode,
  deadline: number,
): Promise<LiveConnection> {
  if (spec.type !== 'stdio' && spec.process) await refuseTakenPort(spec.remote.url);
  deps.signal?.throwIfAborted();
  const owned = spec.process && (await startOwned(spec.process, { ...deps, server: spec.name }));
  if (owned && spec.type !== 'stdio') captureLines(owned.group.stdout, deps.log);
  const timeoutMs = Math.max(1, deadline - performance.now());
  const opening = new AbortController();
  const abort = () => opening.abort(deps.signal?.reason);
  if (deps.signal?.aborted) abort();
  deps.signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => opening.abort(handshakeTimeout(spec)), timeoutMs);
  const exited = owned?.gone.then((why) => Promise.reject(why));
  try {
    const { authorization } = deps;
    const options = { mode, timeoutMs, signal: opening.signal, authorization };
    const session = openSession(spec, owned?.group, options);
    const opened = await Promise.race(exited ? [session, exited] : [session]);
    return new LiveConnection(opened, owned, deps.log);
  } catch (error) {
    const isExplained = opening.signal.aborted || isRefusal(error);
    const reason = isExplained ? error : await orExit(error, owned);
    opening.abort(reason);
    await owned?.kill();
    throw masked(reason, deps.log.mask);
  } finally {
    clearTimeout(timer);
    deps.signal?.removeEventListener('abort', abort);
  }
}

function handshakeTimeout({ name, timeouts }: ServerSpec): MainspringError {
  const message = `"${name}" did not finish the handshake within ${timeouts.startMs} ms`;
  return new MainspringError('HANDSHAKE_TIMEOUT', message);
}
