import { connect } from 'node:http2';

const HEALTH_CHECK = '/grpc.health.v1.Health/Check';
const SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';
/** Answer `{ status: SERVING }` as gRPC sends it: not compressed, two bytes long, field 1 is 1. */
const SERVING = Buffer.from([0, 0, 0, 0, 2, 0x08, 1]);
/** Longest answer that is kept, in bytes: only whether it is the expected one matters. */
const MAX_ANSWER_BYTES = 64;

/**
 * Whether a Temporal server answers on a port and takes requests. Asks without the gRPC client, which takes 30 MB of
 * memory: the process that watches Temporal needs it for nothing else.
 */
export function isServing(address: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connect(`http://${address}`);
    const settle = (isServing: boolean) => {
      session.destroy();
      resolve(isServing);
    };
    // Each time: an error that nobody listens for would end the process that watches Temporal.
    session.on('error', () => settle(false));
    session.setTimeout(timeoutMs, () => settle(false));
    const request = session.request({
      ':method': 'POST',
      ':path': HEALTH_CHECK,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let answer = Buffer.alloc(0);
    request.on('error', () => settle(false));
    request.on('data', (chunk: Buffer) => {
      if (answer.length < MAX_ANSWER_BYTES) answer = Buffer.concat([answer, chunk]);
    });
    request.once('end', () => settle(answer.equals(SERVING)));
    request.end(healthRequest());
  });
}

/** `{ service: SERVICE }` as gRPC sends it. */
function healthRequest(): Buffer {
  const service = Buffer.from(SERVICE);
  const message = Buffer.concat([Buffer.from([0x0a, service.length]), service]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
