import { type OutgoingHttpHeaders } from 'node:http';
import { answerJson } from './answer';
import { type HttpCall } from './contract';
import { openEventStream } from './event-stream';
import { type RpcMessage } from '../../base/jsonrpc';

/**
 * Answers a POST with one message, or with those of a batch: as JSON, or as a stream if the client
 * only reads streams.
 */
export function reply(
  call: HttpCall,
  document: RpcMessage | RpcMessage[],
  headers: OutgoingHttpHeaders = {},
): void {
  if (call.reads.json) return answerJson(call.response, 200, document, headers);
  const stream = openEventStream(call, headers);
  for (const message of [document].flat()) stream.send(message);
  stream.end();
}
