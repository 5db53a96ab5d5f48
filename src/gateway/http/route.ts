import { SERVER_NAME } from '../../domain/names';
import { type Scope } from '../exchange';

/** Transport and scope that a path addresses. */
export type Route =
  | { kind: 'streamable' | 'websocket' | 'sse' | 'messages'; scope: Scope }
  | { kind: 'health'; scope?: undefined };

const ALL: Scope = { kind: 'all' };
const HEALTH: Route = { kind: 'health' };

/** Methods of each kind of route, in addition to OPTIONS. */
export const METHODS: Readonly<Record<Route['kind'], readonly string[]>> = {
  streamable: ['GET', 'POST', 'DELETE'],
  websocket: ['GET'],
  sse: ['GET'],
  messages: ['POST'],
  health: ['GET', 'HEAD'],
};

const TRANSPORTS = { ws: 'websocket', sse: 'sse', messages: 'messages' } as const;

/** Returns the route of a request's URL (path and query); undefined if there is none. */
export function routeOf(url: string): Route | undefined {
  const [path = ''] = url.split('?', 1);
  if (path === '/mcp') return { kind: 'streamable', scope: ALL }; // most requests use this path
  const [empty, root, ...rest] = path.replace(/\/$/, '').split('/');
  if (empty !== '') return undefined;
  if (root === 'health' && rest.length === 0) return HEALTH;
  if ((root === 'sse' || root === 'messages') && rest.length === 0) {
    return { kind: TRANSPORTS[root], scope: ALL };
  }
  return root === 'mcp' ? endpointOf(rest) : undefined;
}

function endpointOf([first, ...rest]: string[]): Route | undefined {
  if (first === 'p' || first === 's') {
    const [name = '', ...transport] = rest;
    if (!SERVER_NAME.test(name)) return undefined;
    return transportOf(transport, { kind: first === 'p' ? 'profile' : 'server', name });
  }
  return transportOf(first === undefined ? [] : [first, ...rest], ALL);
}

function transportOf([name, ...more]: string[], scope: Scope): Route | undefined {
  if (name === undefined) return { kind: 'streamable', scope };
  if (more.length > 0) return undefined;
  return name === 'ws' || name === 'sse' || name === 'messages'
    ? { kind: TRANSPORTS[name], scope }
    : undefined;
}
