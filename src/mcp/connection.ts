import { type JsonObject } from '../domain/calls';
import { MainspringError } from '../domain/errors';
import { type ServerSpec } from '../domain/spec';
import { type ToolDefinition } from '../domain/tools';
import { type ServerLog } from '../process/log-file';
import { type ExitStatus } from '../process/spawn';
import { type CallOptions } from './call-tool';

/** What a connection needs from its host. */
export interface ConnectionDeps {
  hostId: string;
  /** Where the stderr of an owned process goes, and what masks error texts. Survives restarts; the host closes it. */
  log: ServerLog;
  /** Called synchronously after the spawn: the place to tell the guard and the records. */
  onSpawn?: (pgid: number) => void;
  /** Called when nothing of the group is left. */
  onGone?: (pgid: number) => void;
  /** Aborts an open that is under way: the process is killed at once. Without effect afterwards. */
  signal?: AbortSignal;
}

/** A connected MCP server, with its process if it is ours. */
export interface McpConnection {
  /** Of the owned process (leader and id of its group). */
  readonly pid?: number;
  readonly serverInfo: { name: string; version: string };
  readonly protocolVersion: string;
  readonly era: 'legacy' | 'modern';
  readonly instructions?: string;
  /** Resolves, never rejects, with why the connection ended: SERVER_EXITED, CONNECTION_LOST or FRAME_TOO_LARGE. */
  readonly closed: Promise<MainspringError>;
  /** How the owned process ended; set before `closed` resolves with SERVER_EXITED. */
  readonly exitStatus: ExitStatus | undefined;
  /** The tools exactly as the server lists them. */
  listTools(): Promise<ToolDefinition[]>;
  /** The result exactly as the server sent it; throws CallError. */
  callTool(tool: string, args: JsonObject, options: CallOptions): Promise<JsonObject>;
  /** Milliseconds that an answer took. */
  ping(timeoutMs: number): Promise<number>;
  /** The listener is called whenever the server says that its tools changed. */
  onToolsChanged(listener: () => void): void;
  /** Ends the session politely, and an owned process within the grace; resolves when nothing of it is left. */
  close(graceMs: number): Promise<void>;
  /** Ends everything at once; resolves when nothing of it is left. */
  kill(): Promise<void>;
}

/** Starts or reaches a server and completes the handshake, or leaves nothing behind. References are already resolved. */
export async function openConnection(
  spec: ServerSpec,
  _deps: ConnectionDeps,
): Promise<McpConnection> {
  throw new MainspringError('INTERNAL_ERROR', `cannot open ${spec.name} yet`);
}
