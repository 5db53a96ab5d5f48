import { z } from 'zod';
import { INPUT_REQUEST_METHODS, type InputRequestMethod } from '../../domain/calls/input-requests';
import { canonicalJson } from '../../base/canonical-json';
import { type Scope } from '../exchange';
import { RpcError } from '../rpc';
import { type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';
import { createSeal } from '../../base/seal';

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

const PURPOSE = 'mainspring gateway requestState';
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
  const seal = createSeal(signingKey, PURPOSE);
  return {
    seal: (state, owner) => seal.close(JSON.stringify(state), textOf(owner)),

    open(text, owner, nowMs) {
      const isLikely = typeof text === 'string' && text.length <= MAX_STATE_LENGTH;
      const opened = isLikely ? seal.open(text, textOf(owner)) : undefined;
      const { data: state } = stateSchema.safeParse(opened && JSON.parse(opened));
      // Made up, changed, or sealed for another owner or by another version: no difference to a client.
      if (!state) throw invalidState('it does not belong to this request');
      if (state.expiresAtMs <= nowMs) throw invalidState('it has expired');
      return state;
    },
  };
}

function textOf({ principal, scope, method, params }: StateOwner): string {
  return canonicalJson({ principal, scope, method, params });
}

function invalidState(why: string): RpcError {
  return new RpcError(RPC.invalidParams, `Invalid requestState: ${why}`);
}
