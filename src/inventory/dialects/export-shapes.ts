import { type JsonObject } from '../../base/json';

/** Gemini CLI uses `url` for an SSE server and `httpUrl` for Streamable HTTP. */
export function geminiShape({ url, ...members }: JsonObject): JsonObject {
  if (typeof url !== 'string') return members;
  const isSse = /\/sse\/?(?:[?#]|$)/.test(url);
  return { ...members, [isSse ? 'url' : 'httpUrl']: url };
}

/** OpenCode writes the command and its arguments as one list. */
export function opencodeShape({ command, args, env, ...members }: JsonObject): JsonObject {
  const enabled = members['enabled'] ?? true;
  if (typeof command !== 'string') return { type: 'remote', ...members, enabled };
  const words = [command, ...(Array.isArray(args) ? args : [])];
  return {
    type: 'local',
    command: words,
    ...(env !== undefined && { environment: env }),
    ...members,
    enabled,
  };
}

/** Continue writes headers in `requestOptions`. */
export function continueShape({ headers, ...members }: JsonObject): JsonObject {
  return headers === undefined ? members : { ...members, requestOptions: { headers } };
}
