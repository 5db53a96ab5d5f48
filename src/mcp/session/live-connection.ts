import { setTimeout as delay } from 'node:timers/promises';
import { isSpecType, type Tool } from '@modelcontextprotocol/client';
import { MainspringError, reportOf } from '../../base/errors';
import { type ServerInterest } from '../../domain/hosts/socket-frames';
import { type ListedTools, type ToolDefinition } from '../../domain/catalogue/tools';
import { type ServerLog } from '../../process/log-file';
import { type ObservedStop } from '../../process/observed-stop';
import { masked } from '../../process/mask';
import { type ExitStatus } from '../../process/spawn';
import { CallError } from '../calls/call-error';
import { classOfLoss } from '../calls/classify-error';
import { orExit, type OwnedProcess } from './owned-process';
import { runRequest } from '../calls/run-request';
import { Interest } from './interest';
import { keepListening } from './listening';
import { TOOLS } from '../lists/listed-items';
import {
  listAll,
  listResourcesAndPrompts,
  type ListOptions,
  type ResourcesAndPrompts,
} from '../lists/listing';
import { maskedFacts } from '../lists/masked-answers';
import { type CallOptions, type McpRequest } from '../calls/open-call';
import { RateLimit } from '../calls/rate-limit';
import { type ServerFacts, serverFacts } from './server-facts';
import { isJsonObject, type JsonObject } from '../../base/json';
import { type McpSession } from './mcp-session';

/** Time that the result of a task must be kept after the timeout of its call. */
const TASK_KEPT_MS = 60_000;

/** Limit for notes about refused messages, which a server may send without end. */
const MAX_NOTES_PER_SECOND = 10;

/** Longest part of a non-message line on stdout that is logged. */
const MAX_LOGGED_JUNK_LENGTH = 2_000;

const PING_IGNORED = 'the server ignores ping: liveness is checked with tools/list from now on';

/** Longest time that a call waits for the answer to `logging/setLevel`. */
const LOG_WAIT_MS = 500;

/** Initialized session with its link and, if we own it, its process: they end together. */
export class LiveConnection {
  readonly serverInfo: { name: string; version: string };
  readonly protocolVersion: string;
  readonly era: 'legacy' | 'modern';
  readonly instructions: string | undefined;
  readonly facts: ServerFacts;
  readonly pid: number | undefined;
  readonly closed: Promise<MainspringError>;
  readonly #session: McpSession;
  readonly #owned: OwnedProcess | undefined;
  readonly #log: ServerLog;
  /**
   * Capability from the handshake: a closed client no longer has it, and would seem to list no
   * tools.
   */
  readonly #hasTools: boolean;
  /** Modern era: tools whose arguments are repeated in HTTP headers, which the SDK does. */
  #headerTools = new Map<string, Tool>();
  /** Legacy era: tools that can only be run as tasks. */
  #taskTools = new Set<string>();
  readonly #interest: Interest;
  #onToolsChanged: () => void = () => undefined;
  #onNotification: (method: string, params: JsonObject) => void = () => undefined;
  #onRefused: (why: string) => void = () => undefined;
  #isClosed = false;
  #ending: Promise<void> | undefined;

  constructor(session: McpSession, owned: OwnedProcess | undefined, log: ServerLog) {
    const { client } = session;
    this.#log = log;
    this.#session = session;
    this.#owned = owned;
    this.#hasTools = client.getServerCapabilities()?.tools !== undefined;
    this.pid = owned?.group.pid;
    const { name, version } = client.getServerVersion() ?? { name: 'unknown', version: '' };
    // The name is stored and shown, and a server may send anything.
    this.serverInfo = { name: log.mask(name), version: log.mask(version) };
    this.protocolVersion = client.getNegotiatedProtocolVersion() ?? '';
    this.era = client.getProtocolEra() ?? 'legacy';
    this.instructions = client.getInstructions();
    this.facts = maskedFacts(serverFacts(session), log.mask);
    const note = (text: string) => log.append(`[mainspring] ${text}`);
    this.#interest = new Interest(session, note);
    session.liveness.onPingIgnored = () => note(PING_IGNORED);
    void keepListening(session);
    session.onNotification = (method, params) => {
      if (method === 'notifications/tools/list_changed') this.#onToolsChanged();
      this.#onNotification(method, params);
    };
    const noted = new RateLimit(MAX_NOTES_PER_SECOND, (count) =>
      note(`refused ${count} more messages from the server`),
    );
    session.onRefused = (why) => {
      if (noted.admit()) note(`refused a message from the server: it ${why}`);
      this.#onRefused(why);
    };
    this.#logJunk(note);
    session.onDropped = (count) => note(`dropped ${count} notifications: too many at once`);
    this.closed = this.#end().catch((error: unknown) => lost(error, log)); // callers wait for it
  }

  /** Logs the lines on stdout that are not messages, which are skipped. */
  #logJunk(note: (text: string) => void): void {
    const { link } = this.#session;
    const logged = new RateLimit(MAX_NOTES_PER_SECOND, (count) =>
      note(`skipped ${count} more lines on stdout that are not messages`),
    );
    link.onjunk = (line) => {
      if (logged.admit()) note(`skipped on stdout: ${line.slice(0, MAX_LOGGED_JUNK_LENGTH)}`);
    };
    link.junk.forEach(link.onjunk);
  }

  get exitStatus(): ExitStatus | undefined {
    return this.#owned?.exitStatus;
  }

  /** Capabilities that the server has declared. */
  get capabilities(): object {
    return this.#session.client.getServerCapabilities() ?? {};
  }

  /** First lines on stdout that were not messages. */
  get junk(): readonly string[] {
    return this.#session.link.junk;
  }

  /** Writes text to the server's stdin unchanged; undefined for other transports. */
  get writeRaw(): ((text: string) => void) | undefined {
    return this.#session.link.writeRaw;
  }

  async listTools(options: ListOptions = {}): Promise<ListedTools> {
    const { client } = this.#session;
    if (!this.#hasTools) return { tools: [], flaws: [] };
    const { items, ...about } = await listAll(client, TOOLS, options);
    const found: object[] = items;
    const tools = found.filter(isTool);
    this.#headerTools = headerToolsOf(tools);
    this.#taskTools = new Set(tools.filter(isTaskOnly).map(({ name }) => name));
    return { tools, ...about };
  }

  /** Rejects if the connection ends meanwhile: then the lists are unknown. */
  async listResourcesAndPrompts(): Promise<ResourcesAndPrompts> {
    const { client } = this.#session;
    const offered = await listResourcesAndPrompts(client, this.facts.capabilities, (message) => {
      this.#log.append(`[mainspring] ${message}`);
    });
    if (this.#isClosed) throw await this.closed;
    return offered;
  }

  callTool(tool: string, args: JsonObject, options: CallOptions): Promise<JsonObject> {
    const headerTool = this.#headerTools.get(tool);
    const task = { ttl: options.timeoutMs + TASK_KEPT_MS };
    const request = {
      method: 'tools/call',
      params: { name: tool, arguments: args },
      ...(headerTool && { headerTool }),
    };
    if (!this.#taskTools.has(tool)) return this.#run(request, options);
    return this.#run({ ...request, params: { ...request.params, task } }, options);
  }

  /**
   * Sends any request, even one that no protocol defines. Resolves with the result exactly as the
   * server sent it; throws CallError.
   */
  request(method: string, params: JsonObject, options: CallOptions): Promise<JsonObject> {
    return this.#run({ method, params }, options);
  }

  async #run(request: McpRequest, options: CallOptions): Promise<JsonObject> {
    if (options.client?.logLevel !== undefined) {
      await Promise.race([
        this.#interest.enableLog(),
        delay(LOG_WAIT_MS, undefined, { ref: false }),
      ]);
    }
    try {
      return await runRequest(this.#session, request, options);
    } catch (error) {
      const isCutOff =
        error instanceof CallError && error.kind === 'lost' && this.#session.link.why;
      if (!isCutOff) throw error;
      // The exit of the process is a better reason than the error on its pipes.
      const why = await this.closed;
      throw new CallError('lost', why.message, { cause: error, errorClass: classOfLoss(why) });
    }
  }

  async ping(timeoutMs: number): Promise<number> {
    return this.#session.liveness.check(timeoutMs);
  }

  onToolsChanged(listener: () => void): void {
    this.#onToolsChanged = listener;
  }

  onNotification(listener: (method: string, params: JsonObject) => void): void {
    this.#onNotification = listener;
  }

  onRefused(listener: (why: string) => void): void {
    this.#onRefused = listener;
  }

  setInterest(interest: ServerInterest): void {
    this.#interest.set(interest);
  }

  async close(graceMs: number): Promise<void> {
    this.#ending ??= this.#session.link.close(true).then(() => this.#owned?.stop(graceMs));
    await this.closed;
  }

  /**
   * Ends the session gracefully and resolves with what it took to end the process, if we own it.
   */
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
    const { link } = this.#session;
    const gone = this.#owned ? [this.#owned.gone] : [];
    const first = await Promise.race([link.ended, ...gone]);
    this.#isClosed = true;
    const why = await this.#tidyUp(first).catch(() => first);
    await this.#owned?.kill().catch(() => undefined); // its guard ends what is left
    await link.close(false).catch(() => undefined); // it is over all the same
    return masked(why, this.#log.mask);
  }

  /**
   * Ends the calls in flight, whose answers can no longer come, and looks for a more precise
   * reason.
   */
  async #tidyUp(first: MainspringError): Promise<MainspringError> {
    await this.#session.client.close();
    if (this.#ending) await this.#ending;
    const isVague = first.code === 'CONNECTION_LOST' && !this.#ending;
    return isVague ? orExit(first, this.#owned) : first;
  }
}

function lost(error: unknown, { mask }: ServerLog): MainspringError {
  const message = mask(`unexpected error: ${reportOf(error).message}`);
  return new MainspringError('CONNECTION_LOST', message, { cause: error });
}

function isTool(item: object): item is ToolDefinition {
  const isNamed = 'name' in item && typeof item.name === 'string';
  return isNamed && 'inputSchema' in item && isJsonObject(item.inputSchema);
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

/** 2025-11-25: the tool can only be called as a task. */
function isTaskOnly(tool: object): boolean {
  const execution = 'execution' in tool ? tool.execution : undefined;
  return isJsonObject(execution) && execution['taskSupport'] === 'required';
}
