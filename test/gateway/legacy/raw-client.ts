import { JSON_HEADERS } from '../http/front-harness';
import { type JsonObject } from '../../../src/base/json';

export interface RawEvent {
  id?: string;
  retry?: string;
  /** Undefined for an event without a message. */
  message?: JsonObject;
}

/** A client that shows what is on the wire. */
export class RawClient {
  readonly #open = new Set<AbortController>();
  #lastId = 0;

  private constructor(
    readonly url: URL,
    readonly session: string,
    readonly version: string,
  ) {}

  static async open(
    url: URL,
    { version = '2025-11-25', capabilities = {} }: { version?: string; capabilities?: object } = {},
  ): Promise<RawClient> {
    const clientInfo = { name: 'raw', version: '1' };
    const response = await fetch(url, {
      ...{ method: 'POST', headers: JSON_HEADERS },
      body: JSON.stringify({
        ...{ jsonrpc: '2.0', id: 0, method: 'initialize' },
        params: { protocolVersion: version, capabilities, clientInfo },
      }),
    });
    if (response.status !== 200) throw new Error(`initialize: ${response.status}`);
    await response.text();
    return new RawClient(url, response.headers.get('mcp-session-id') ?? '', version);
  }

  request(method: string, params: object = {}, id: number | string = ++this.#lastId) {
    return { jsonrpc: '2.0', id, method, params };
  }

  call(tool: string, args: object = {}, meta: object = {}) {
    return this.request('tools/call', { name: `tiny__${tool}`, arguments: args, _meta: meta });
  }

  post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.#fetch('POST', { ...JSON_HEADERS, ...headers }, JSON.stringify(body));
  }

  get(lastEventId?: string): Promise<Response> {
    const from: Record<string, string> =
      lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
    return this.#fetch('GET', { Accept: 'text/event-stream', ...from });
  }

  delete(): Promise<Response> {
    return this.#fetch('DELETE', {});
  }

  /** Breaks all connections. */
  vanish(): void {
    for (const open of this.#open) open.abort();
    this.#open.clear();
  }

  #fetch(method: string, headers: Record<string, string>, body?: string): Promise<Response> {
    const abort = new AbortController();
    this.#open.add(abort);
    return fetch(this.url, {
      ...{ method, signal: abort.signal, ...(body !== undefined && { body }) },
      headers: {
        ...{ 'Mcp-Session-Id': this.session, 'MCP-Protocol-Version': this.version, ...headers },
      },
    });
  }
}

/** The events of a stream, one after the other; ends with the stream, or when it breaks. */
export async function* eventsOf(response: Response): AsyncGenerator<RawEvent> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) if (!part.startsWith(':')) yield eventOf(part);
    }
  } catch {
    return; // the connection broke
  }
}

export async function allEvents(response: Response): Promise<RawEvent[]> {
  const events: RawEvent[] = [];
  for await (const event of eventsOf(response)) events.push(event);
  return events;
}

/** Of the next event, with or without a message. */
export async function nextId(response: Response): Promise<string> {
  const next = await eventsOf(response).next();
  return next.done ? '' : (next.value.id ?? '');
}

/** The next event with a message. */
export async function nextMessage(events: AsyncGenerator<RawEvent>): Promise<RawEvent> {
  for (;;) {
    const next = await events.next();
    if (next.done) throw new Error('the stream is over');
    if (next.value.message) return next.value;
  }
}

function eventOf(text: string): RawEvent {
  const fields = new Map(
    text.split('\n').map((line): [string, string] => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
  const [id, retry, data] = ['id', 'retry', 'data'].map((name) => fields.get(name));
  return {
    ...(id !== undefined && { id }),
    ...(retry !== undefined && { retry }),
    ...(data && { message: JSON.parse(data) as JsonObject }),
  };
}
