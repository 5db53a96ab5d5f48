import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { INPUT_REQUEST_METHODS, type InputRequestMethod } from '../../domain/calls/input-requests';
import { canonicalJson } from '../../base/canonical-json';
import { type Scope } from '../exchange';
import { RpcError } from '../rpc';
import { type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/**
 * State that a client returns with its answers (`requestState`, 2026-07-28 Multi Round-Trip
 * Requests).
 */
export interface RequestState {
  /** Activity ID of the waiting call or request. */
  callId: string;
  /** Input requests by their keys in `inputRequests`. */
  asks: Record<string, { askId: string; method: InputRequestMethod }>;
  /** IDs of the input requests that were answered in earlier rounds. */
  answered: string[];
  expiresAtMs: number;
}

/** Request that a state is bound to. */
export interface StateOwner {
  principal: string;
  scope: Scope;
  method: string;
  /** Params without `_meta`, `inputResponses` and `requestState`. */
  params: JsonObject;
}

export interface StateSeal {
  seal(state: RequestState, owner: StateOwner): string;
  /**
   * @throws RpcError -32602 when it was not encrypted for this owner, was changed, or has expired
   */
  open(text: unknown, owner: StateOwner, nowMs: number): RequestState;
}

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Longer values are refused without decoding. */
const MAX_STATE_LENGTH = 64 * 1024;

const stateSchema = z.strictObject({
  callId: z.string(),
  asks: z.record(
    z.string(),
    z.strictObject({ askId: z.string(), method: z.enum(INPUT_REQUEST_METHODS) }),
  ),
  answered: z.array(z.string()),
  expiresAtMs: z.number(),
});

/** Encrypts states so that any gateway with the key of the same data directory can decrypt them. */
export function createStateSeal(signingKey: Buffer): StateSeal {
  const key = Buffer.from(
    hkdfSync('sha256', signingKey, '', 'mainspring gateway requestState', KEY_BYTES),
  );
  return {
    seal(state, owner) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(digestOf(owner));
      const sealed = Buffer.concat([cipher.update(JSON.stringify(state)), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
    },

    open(text, owner, nowMs) {
      const state = decrypt(key, text, digestOf(owner));
      if (!state) throw invalidState('it does not belong to this request');
      if (state.expiresAtMs <= nowMs) throw invalidState('it has expired');
      return state;
    },
  };
}

function decrypt(key: Buffer, text: unknown, owner: Buffer): RequestState | undefined {
  if (typeof text !== 'string' || text.length > MAX_STATE_LENGTH) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length <= NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== text) {
    return undefined;
  }
  try {
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(owner);
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const opened = Buffer.concat([
      decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)),
      decipher.final(),
    ]);
    return stateSchema.parse(JSON.parse(opened.toString()));
  } catch {
    return undefined; // forged, changed, or for another owner: the client gets the same error
  }
}

function digestOf({ principal, scope, method, params }: StateOwner): Buffer {
  const text = canonicalJson({ principal, scope, method, params });
  return createHash('sha256').update(text).digest();
}

function invalidState(why: string): RpcError {
  return new RpcError(RPC.invalidParams, `Invalid requestState: ${why}`);
}
