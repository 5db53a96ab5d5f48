import { isSpecType, type StandardSchemaV1, type Tool } from '@modelcontextprotocol/client';
import { type JsonObject } from '../domain/calls';
import { type ErrorCode, MainspringError } from '../domain/errors';
import { type ToolDefinition } from '../domain/tools';
import { type ServerLog } from '../process/log-file';
import { type ObservedStop } from '../process/observed-stop';
import { masked } from '../process/mask';
import { type ExitStatus } from '../process/spawn';
import { CallError } from './call-error';
import { classOfLoss } from './error-classes';
import { type Session } from './handshake';
import { orExit, type OwnedProcess } from './owned-process';
import { type CallOptions, PendingCall } from './pending-call';

const LIST_TIMEOUT_MS = 30_000;
const MAX_TOOL_PAGES = 100;
/** The SDK's own timeout is only a backstop behind ours. */
const SDK_MARGIN_MS = 10_000;

/** A process that dies while it writes breaks its last frame off; that it died says more. */
const VAGUE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['CONNECTION_LOST', 'FRAME_INVALID']);

/** Takes every result as it is: what the server sent is what the caller gets. */
const ANY_RESULT: StandardSchemaV1<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'mainspring', validate: (value) => ({ value }) },
};

/** An initialized session with its link and, if it is ours, its process: they end together. */
export class LiveConnection {
  readonly serverInfo: { name: string; version: string };
  readonly protocolVersion: string;
  readonly era: 'legacy' | 'modern';
  readonly instructions: string | undefined;
  readonly pid: number | undefined;
  readonly closed: Promise<MainspringError>;
  readonly #session: Session;
  readonly #owned: OwnedProcess | undefined;
  readonly #log: ServerLog;
  /** Of the modern era: tools that want arguments repeated in HTTP headers, which the SDK knows how to do. */
  /** As it said at its handshake: a closed client does not know it any more, and would seem to list no tools. */
  readonly #hasTools: boolean;
  #headerTools = new Map<string, Tool>();
  #ending: Promise<void> | undefined;

  constructor(session: Session, owned: OwnedProcess | undefined, log: ServerLog) {
    const { client } = session;
    this.#log = log;
    this.#session = session;
    this.#owned = owned;
    this.#hasTools = client.getServerCapabilities()?.tools !== undefined;
    this.pid = owned?.group.pid;
    const { name, version } = client.getServerVersion() ?? { name: 'unknown', version: '' };
    // It is stored and shown, and a server may say anything.
    this.serverInfo = { name: log.mask(name), version: log.mask(version) };
    this.protocolVersion = client.getNegotiatedProtocolVersion() ?? '';
    this.era = client.getProtocolEra() ?? 'legacy';
    this.instructions = client.getInstructions();
    this.closed = this.#end();
  }

  get exitStatus(): ExitStatus | undefined {
    return this.#owned?.exitStatus;
  }

  /** What the server has declared that it can do. */
  get capabilities(): object {
    return this.#session.client.getServerCapabilities() ?? {};
  }

  /** The first lines on stdout that were no messages. */
  get junk(): readonly string[] {
    return this.#session.link.junk;
  }

  /** Puts text on the server's stdin as it is; undefined where there is none. */
  get writeRaw(): ((text: string) => void) | undefined {
    return this.#session.link.writeRaw;
  }

  async listTools(): Promise<ToolDefinition[]> {
    const { client } = this.#session;
    if (!this.#hasTools) return [];
    const tools: ToolDefinition[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_TOOL_PAGES; page++) {
      const request = { method: 'tools/list', params: cursor === undefined ? {} : { cursor } };
      const timeouts = { timeout: LIST_TIMEOUT_MS, maxTotalTimeout: LIST_TIMEOUT_MS };
      const result = await client.request(request, ANY_RESULT, timeouts);
      const parsed = toolPage(result);
      tools.push(...parsed.tools);
      cursor = parsed.nextCursor;
      if (cursor === undefined) {
        this.#headerTools = headerToolsOf(tools);
        return tools;
      }
    }
    throw invalidList(`it has more than ${MAX_TOOL_PAGES} pages`);
  }

  async callTool(tool: string, args: JsonObject, options: CallOptions): Promise<JsonObject> {
    return this.#explained(() => this.#callTool(tool, args, options));
  }

  /** Any request, also one that no protocol knows; the result exactly as the server sent it. Throws CallError. */
  async request(method: string, params: JsonObject, options: CallOptions): Promise<JsonObject> {
    const { client } = this.#session;
    const timeout = options.timeoutMs + SDK_MARGIN_MS;
    return this.#explained(() =>
      new PendingCall(this.#session, options).run((signal) =>
        client.request({ method, params: withMeta(params, options) }, ANY_RESULT, {
          signal,
          timeout,
          maxTotalTimeout: timeout,
          ...asksForProgress(options),
        }),
      ),
    );
  }

  async #explained(ask: () => Promise<JsonObject>): Promise<JsonObject> {
    try {
      return await ask();
    } catch (error) {
      const isCutOff =
        error instanceof CallError && error.kind === 'lost' && this.#session.link.why;
      if (!isCutOff) throw error;
      // How the process exited says more than what was noticed on its pipes.
      const why = await this.closed;
      throw new CallError('lost', why.message, { cause: error, errorClass: classOfLoss(why) });
    }
  }

  #callTool(tool: string, args: JsonObject, options: CallOptions): Promise<JsonObject> {
    const { client } = this.#session;
    const params = withMeta({ name: tool, arguments: args }, options);
    const timeout = options.timeoutMs + SDK_MARGIN_MS;
    return new PendingCall(this.#session, options).run((signal) => {
      const requestOptions = {
        signal,
        timeout,
        maxTotalTimeout: timeout,
        ...asksForProgress(options),
      };
      const toolDefinition = this.#headerTools.get(tool);
      return toolDefinition
        ? client.callTool(params, { ...requestOptions, toolDefinition })
        : client.request({ method: 'tools/call', params }, ANY_RESULT, requestOptions);
    });
  }

  async ping(timeoutMs: number): Promise<number> {
    const { client } = this.#session;
    const startedAt = performance.now();
    const timeouts = { timeout: timeoutMs, maxTotalTimeout: timeoutMs };
    // The modern era has no ping; every server must answer this.
    await (this.era === 'modern' ? client.discover(timeouts) : client.ping(timeouts));
    return performance.now() - startedAt;
  }

  onToolsChanged(listener: () => void): void {
    this.#session.onToolsChanged = listener;
  }

  async close(graceMs: number): Promise<void> {
    this.#ending ??= this.#session.link.close(true).then(() => this.#owned?.stop(graceMs));
    await this.closed;
  }

  /** Ends the session politely and tells what it took to end the process, if it is ours. */
  async shutDown(graceMs: number): Promise<ObservedStop | undefined> {
    let observed: ObservedStop | undefined;
    this.#ending ??= this.#session.link.close(true).then(async () => {
      observed = await this.#owned?.observeStop(graceMs);
    });
    await this.closed;
    return observed;
  }

  async kill(): Promise<void> {
    await Promise.all([this.#owned?.kill(), this.#session.link.close(false)]);
    await this.closed;
  }

  /** Waits for the first reason, and leaves nothing running whatever it is. */
  async #end(): Promise<MainspringError> {
    const { client, link } = this.#session;
    const gone = this.#owned ? [this.#owned.gone] : [];
    const first = await Promise.race([link.ended, ...gone]);
    // Ends the calls in flight, whose answers cannot come any more.
    await client.close();
    if (this.#ending) await this.#ending;
    const isVague = VAGUE.has(first.code) && !this.#ending;
    const why = isVague ? await orExit(first, this.#owned) : first;
    await this.#owned?.kill();
    await link.close(false);
    return masked(why, this.#log.mask);
  }
}

function withMeta<Params extends object>(params: Params, { meta }: CallOptions) {
  return meta ? { ...params, _meta: meta } : params;
}

/** Makes the SDK ask for progress, which PendingCall gets from the wire. */
function asksForProgress({ onProgress }: CallOptions) {
  return onProgress && { onprogress: () => undefined };
}

function headerToolsOf(tools: ToolDefinition[]): Map<string, Tool> {
  const marked = new Map<string, Tool>();
  for (const tool of tools) {
    const definition: unknown = tool;
    if (!JSON.stringify(tool.inputSchema).includes('"x-mcp-header"')) continue;
    if (isSpecType.Tool(definition)) marked.set(tool.name, definition);
  }
  return marked;
}

function toolPage(result: unknown): { tools: ToolDefinition[]; nextCursor: string | undefined } {
  if (typeof result !== 'object' || result === null || !('tools' in result)) {
    throw invalidList('it has no member "tools"');
  }
  const { tools } = result;
  if (!Array.isArray(tools)) throw invalidList('"tools" is not an array');
  const invalid = tools.findIndex((tool) => !isTool(tool));
  if (invalid !== -1) throw invalidList(`tool ${invalid + 1} has no name or no input schema`);
  const nextCursor = 'nextCursor' in result ? result.nextCursor : undefined;
  return {
    tools: tools.filter(isTool),
    nextCursor: typeof nextCursor === 'string' ? nextCursor : undefined,
  };
}

function isTool(value: unknown): value is ToolDefinition {
  if (typeof value !== 'object' || value === null) return false;
  if (!('name' in value) || typeof value.name !== 'string') return false;
  return (
    'inputSchema' in value && typeof value.inputSchema === 'object' && value.inputSchema !== null
  );
}

function invalidList(reason: string): MainspringError {
  return new MainspringError(
    'HANDSHAKE_FAILED',
    `the server's list of tools is not valid: ${reason}`,
  );
}
