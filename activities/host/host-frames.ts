import { type CallInput } from '../../src/domain/calls/calls';
import { type ServerInterest, type ToHost } from '../../src/domain/hosts/socket-frames';
import { isJsonObject, type JsonObject } from '../../src/base/json';

/** Longest ID of a call: the longest name of a server, and a digest. */
const MAX_CALL_ID_LENGTH = 512;

/**
 * Returns the frame that a client of the socket has sent; undefined for anything else. Checked by hand, because it runs
 * for each direct call.
 */
export function toHostFrame(value: unknown): ToHost | undefined {
  if (!isJsonObject(value)) return undefined;
  const { type } = value;
  if (type === 'call') return callFrame(value);
  if (type === 'cancel') return cancelFrame(value);
  if (type === 'await') return awaitFrame(value);
  if (type === 'hello') return helloFrame(value);
  return type === 'interest' ? interestFrame(value) : undefined;
}

function callFrame({ id, input }: JsonObject): ToHost | undefined {
  if (typeof id !== 'number' || !isCallInput(input)) return undefined;
  return { type: 'call', id, input };
}

function isCallInput(value: unknown): value is CallInput & JsonObject {
  if (!isJsonObject(value)) return false;
  const { callId, server, tool, args, principal, correlationId, digest } = value;
  const texts = [callId, server, tool, principal, correlationId, digest];
  if (!texts.every((text) => typeof text === 'string') || !isJsonObject(args)) return false;
  const { timeoutMs, queueTimeoutMs, origin, meta } = value;
  if (typeof timeoutMs !== 'number' || typeof queueTimeoutMs !== 'number') return false;
  return isAbsentOrObject(origin) && isAbsentOrObject(meta);
}

const isAbsentOrObject = (value: unknown) => value === undefined || isJsonObject(value);

function cancelFrame({ id }: JsonObject): ToHost | undefined {
  return typeof id === 'number' ? { type: 'cancel', id } : undefined;
}

function awaitFrame({ server, callId }: JsonObject): ToHost | undefined {
  if (typeof server !== 'string' || typeof callId !== 'string') return undefined;
  if (callId.length > MAX_CALL_ID_LENGTH) return undefined; // many of them are kept
  return { type: 'await', server, callId };
}

function helloFrame({ gateway }: JsonObject): ToHost | undefined {
  if (gateway === undefined) return { type: 'hello' };
  return typeof gateway === 'string' ? { type: 'hello', gateway } : undefined;
}

function interestFrame({ servers }: JsonObject): ToHost | undefined {
  if (!isJsonObject(servers)) return undefined;
  const interests = Object.entries(servers).flatMap(([server, wanted]) => {
    const interest = interestOf(wanted);
    return interest ? [[server, interest] as const] : [];
  });
  if (interests.length < Object.keys(servers).length) return undefined;
  return { type: 'interest', servers: Object.fromEntries(interests) };
}

function interestOf(value: unknown): ServerInterest | undefined {
  if (!isJsonObject(value)) return undefined;
  const { resources, logLevel } = value;
  const uris = Array.isArray(resources) ? resources : [resources];
  const texts = uris.filter((uri) => typeof uri === 'string');
  if (texts.length !== uris.length) return undefined;
  if (logLevel !== undefined && typeof logLevel !== 'string') return undefined;
  return { resources: texts, ...(logLevel !== undefined && { logLevel }) };
}
