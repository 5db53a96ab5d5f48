import { type IncomingMessage } from 'node:http';
import { RETRY_AFTER_S } from '../../domain/limits';
import { badRequest, type Refusal } from './refusal';

/** The body of a request, whole. @throws Refusal 413 above `maxBytes`, 400 when it breaks off */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // What follows is read and thrown away, so that the client gets to read its answer.
    const refuse = (why: Refusal) => {
      request.removeAllListeners('data').resume();
      reject(why);
    };
    if (Number(request.headers['content-length']) > maxBytes) {
      refuse(tooLarge(maxBytes));
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) refuse(tooLarge(maxBytes));
      else chunks.push(chunk);
    });
    request.once('end', () => {
      const [first] = chunks;
      resolve(first && chunks.length === 1 ? first : Buffer.concat(chunks));
    });
    request.once('error', () => reject(badRequest(400, 'The request broke off.')));
  });
}

function tooLarge(maxBytes: number): Refusal {
  return badRequest(413, `A message may have ${maxBytes} bytes: "gateway.limits.bodyBytes".`, {
    headers: { 'Retry-After': RETRY_AFTER_S },
  });
}
