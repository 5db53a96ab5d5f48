import {
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { setTimeout as delay } from 'node:timers/promises';
import { MainspringError } from '../../base/errors';
import { type ServerSpec, type UrlSpec } from '../../domain/spec';
import { type ProcessGroup } from '../../process/spawn';
import { type Authorization } from '../session/authorization';
import { type RefusedFrame } from './accept-frames';
import { createHttpFetch } from './http-fetch';
import { StdioTransport } from './stdio-transport';
import { WebSocketTransport } from './websocket-transport';

/** Longest wait for a server to confirm the end of its session. */
const TERMINATE_TIMEOUT_MS = 1_000;

/** Connection to a server, independent of its transport. */
export interface Link {
  readonly transport: Transport;
  /** Resolves with the reason when nothing can be sent or received anymore. */
  readonly ended: Promise<MainspringError>;
  /** Reason, once the link has ended. */
  readonly why: MainspringError | undefined;
  /** Ends the link for a reason found by its user; the first reason wins. */
  fail(why: MainspringError): void;
  /** Called with each refused message of the server. */
  onrefused?: (frame: RefusedFrame) => void;
  /** First lines on stdout that were not frames. */
  readonly junk: readonly string[];
  /** Called with each of these lines. */
  onjunk?: (line: string) => void;
  /** Writes text to the stream unchanged; only on stdio. */
  readonly writeRaw?: (text: string) => void;
  /** Frees everything; a graceful close also ends the session on the server, if there is one. */
  close(isPolite: boolean): Promise<void>;
}

/** Creates the link for a spec, not yet started. */
export function createLink(
  spec: ServerSpec,
  group: ProcessGroup | undefined,
  authorization?: Authorization,
): Link {
  const { messageBytes } = spec.limits;
  if (spec.type !== 'stdio') {
    return spec.type === 'websocket'
      ? ownLink(new WebSocketTransport(spec.remote, messageBytes, authorization))
      : httpLink(spec, authorization);
  }
  if (group) return ownLink(new StdioTransport(group, messageBytes));
  throw new MainspringError('INTERNAL_ERROR', 'a stdio server without a process');
}

function ownLink(transport: StdioTransport | WebSocketTransport): Link {
  const link: Link = {
    transport,
    ended: transport.ended,
    get why() {
      return transport.why;
    },
    fail: (why) => transport.fail(why),
    junk: [],
    close: () => transport.close(),
    ...(transport instanceof StdioTransport && {
      junk: transport.junk,
      writeRaw: (text: string) => transport.writeRaw(text),
    }),
  };
  transport.onrefused = (frame) => link.onrefused?.(frame);
  if (transport instanceof StdioTransport) transport.onjunk = (line) => link.onjunk?.(line);
  return link;
}

function httpLink(spec: UrlSpec, authorization: Authorization | undefined): Link {
  let reason: MainspringError | undefined;
  let end: (why: MainspringError) => void = () => undefined;
  const ended = new Promise<MainspringError>((resolve) => (end = resolve));
  const fail = (why: MainspringError) => end((reason ??= why));
  const http = createHttpFetch({
    maxFrameBytes: spec.limits.messageBytes,
    onRefused: (frame) => link.onrefused?.(frame),
    authorization,
    onLoginRequired: fail,
    isStreamOptional: spec.type === 'http',
    onStreamLost: () => {
      // The stream of HTTP+SSE is the session. That of Streamable HTTP is optional, and the SDK
      // reopens it.
      if (spec.type === 'sse') {
        fail(new MainspringError('CONNECTION_LOST', 'the server closed the event stream'));
      }
    },
  });
  const url = new URL(spec.remote.url);
  const options = { fetch: http.fetch, requestInit: { headers: spec.remote.headers } };
  const transport =
    spec.type === 'sse'
      ? new SSEClientTransport(url, options)
      : new StreamableHTTPClientTransport(url, options);
  const link: Link = {
    transport,
    ended,
    get why() {
      return reason;
    },
    fail,
    junk: [],
    async close(isPolite) {
      fail(new MainspringError('CONNECTION_LOST', 'the connection was closed'));
      if (isPolite && transport instanceof StreamableHTTPClientTransport) {
        // The SDK's close() leaves the session on the server. If it has ended already, the error
        // does not matter.
        const ending = transport.terminateSession().catch(() => undefined);
        await Promise.race([ending, delay(TERMINATE_TIMEOUT_MS, undefined, { ref: false })]);
      }
      await transport.close();
      await http.close();
    },
  };
  return link;
}
