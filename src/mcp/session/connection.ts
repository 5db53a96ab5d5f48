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
import { type ListOptions, type Offered } from '../lists/listing';
import { type ServerFacts } from './server-facts';
import { type JsonObject } from '../../base/json';

/** What a connection needs from its host. */
export interface ConnectionDeps {
  hostId: string;
  /** Where the stderr of an owned process goes, and what masks error texts. Survives restarts; the host closes it. */
  log: ServerLog;
  /** Folder for what ends the containers that this host's programs run in. */
  containers?: string | undefined;
  /** Called synchronously after the spawn: the place to tell the guard and the records. */
  onSpawn?: (pgid: number) => void;
  /** Called when nothing of the group is left. */
  onGone?: (pgid: number) => void;
  /** Aborts an open that is under way: the process is killed at once. Without effect afterwards. */
  signal?: AbortSignal;
  /** Where requests to a remote server get their access token from. */
  authorization?: Authorization | undefined;
}

/** A connected MCP server, with its process if it is ours. */
export interface McpConnection {
  /** Of the owned process (leader and id of its group). */
  readonly pid?: number;
  readonly serverInfo: { name: string; version: string };
  readonly protocolVersion: string;
  readonly era: 'legacy' | 'modern';
  readonly instructions?: string;
  /** What it says of itself, with every member. */
  readonly facts: ServerFacts;
  /** Resolves, never rejects, with why the connection ended: SERVER_EXITED or CONNECTION_LOST. */
  readonly closed: Promise<MainspringError>;
  /** How the owned process ended; set before `closed` resolves with SERVER_EXITED. */
  readonly exitStatus: ExitStatus | undefined;
  /**
   * The tools as the server lists them; one that is odd is put right or left out. Throws NoList when there is no list.
   */
  listTools(options?: ListOptions): Promise<ListedTools>;
  /** What it lists beside tools. A list that fails is absent, and the log of the server says why. */
  listOffered(): Promise<Offered>;
  /** The result exactly as the server sent it; throws CallError. */
  callTool(tool: string, args: JsonObject, options: CallOptions): Promise<JsonObject>;
  /** Any other request; the result exactly as the server sent it; throws CallError. */
  request(method: string, params: JsonObject, options: CallOptions): Promise<JsonObject>;
  /** Milliseconds that an answer took: to a ping, or to another question if it answers no ping. */
  ping(timeoutMs: number): Promise<number>;
  /** The listener is called whenever the server says that its tools changed. */
  onToolsChanged(listener: () => void): void;
  /** The listener gets every notification that belongs to no call. */
  onNotification(listener: (method: string, params: JsonObject) => void): void;
  /** The listener gets what is wrong with each message of the server that was not taken. */
  onRefused(listener: (why: string) => void): void;
  /** What it wants to hear from now on: updates of resources and log messages. What the server refuses is in its log. */
  setInterest(interest: ServerInterest): void;
  /** Ends the session politely, and an owned process within the grace; resolves when nothing of it is left. */
  close(graceMs: number): Promise<void>;
  /** Ends everything at once; resolves when nothing of it is left. */
  kill(): Promise<void>;
}

/** Starts or reaches a server and completes the handshake, or leaves nothing behind. References are already resolved. */
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
    // A process that has seen a wrong first message is not asked twice: servers exit on those, or stay confused.
    return await open(spec, deps, second, deadline);
  }
}

/** Which handshakes to try, in order. Most servers are legacy, and only HTTP can be probed without harm. */
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
