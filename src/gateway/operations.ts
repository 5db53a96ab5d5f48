import { type AskAnswer } from '../domain/asks';
import { type JsonObject } from '../domain/calls';
import { type Exchange } from './exchange';

/** A tool call or other request that Temporal has: any process can go on with it. */
export interface Started {
  /** Activity id. */
  readonly callId: string;
  readonly server: string;
  /** The server's result as clients of this endpoint see it; rejects with RpcError. */
  result(): Promise<JsonObject>;
  /** Takes the call back, or tells the server; the result says how it ended. */
  cancel(reason: string): Promise<void>;
}

/** What both eras do alike. Everything that it throws is an RpcError. */
export interface Operations {
  /** `tools/list`, `resources/*`, `prompts/*` and `completion/complete`, and `tools/call` to its end. */
  handle(exchange: Exchange, method: string, params: JsonObject): Promise<JsonObject>;
  /** `tools/call`, `resources/read` or `prompts/get`; resolves as soon as Temporal has it. */
  start(exchange: Exchange, method: string, params: JsonObject): Promise<Started>;
  /** Goes on with what was started before, perhaps by another process; of this principal only. */
  resume(exchange: Exchange, callId: string): Promise<Started>;
  /** Brings a client's answer to the server that waits for it. The first answer counts; later ones change nothing. */
  answer(askId: string, answer: AskAnswer): Promise<void>;
}
