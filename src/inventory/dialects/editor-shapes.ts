import { type JsonObject } from '../../base/json';

/** Gemini CLI takes `url` for that of an SSE server, and the other for `httpUrl`. */
export function geminiShape({ url, ...members }: JsonObject): JsonObject {
  if (typeof url !== 'string') return members;
  const isSse = /\/sse\/?(?:[?#]|$)/.test(url);
  return { ...members, [isSse ? 'url' : 'httpUrl']: url };
}

/** OpenCode has the command and its arguments in one list. */
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

/** Continue has headers among the options of its requests. */
export function continueShape({ headers, ...members }: JsonObject): JsonObject {
  return headers === undefined ? members : { ...members, requestOptions: { headers } };
}
