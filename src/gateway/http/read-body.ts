import { type IncomingMessage } from 'node:http';
import { Pieces } from '../../base/pieces';
import { badRequest, type Refusal, RETRY_AFTER_S } from './refusal';

/** The body of a request, whole. @throws Refusal 413 above `maxBytes`, 400 when it breaks off */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The rest is read and dropped, so that the client can read its response.
    const refuse = (why: Refusal) => {
      request.removeAllListeners('data').resume();
      reject(why);
    };
    if (Number(request.headers['content-length']) > maxBytes) {
      refuse(tooLarge(maxBytes));
      return;
    }
    const held = new Pieces();
    request.on('data', (chunk: Buffer) => {
      held.add(chunk);
      if (held.size > maxBytes) refuse(tooLarge(maxBytes));
    });
    request.once('end', () => resolve(held.take()));
    request.once('error', () => reject(badRequest(400, 'The request was cut off.')));
  });
}

function tooLarge(maxBytes: number): Refusal {
  return badRequest(
    413,
    `A message can have at most ${maxBytes} bytes ("gateway.limits.bodyBytes").`,
    {
      headers: { 'Retry-After': RETRY_AFTER_S },
    },
  );
}
