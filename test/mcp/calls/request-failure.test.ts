import { SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { type ErrorClass } from '../../../src/domain/calls/error-class';
import { callFailure } from '../../../src/mcp/calls/request-failure';

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
const fetchFailed = (cause: Error) => new TypeError('fetch failed', { cause });
const answered = (status: number, text: string) =>
  new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, text, { status, text });

describe('a call whose request failed', () => {
  const legacy = { isSent: true, hasSession: true, mayHaveRun: false };

  test.each<[string, unknown, number | undefined, string, boolean, ErrorClass | undefined]>([
    ['refused connection', fetchFailed(refused), undefined, 'not-sent', true, 'network'],
    ['connection reset', fetchFailed(reset), undefined, 'lost', false, 'network'],
    ['body that breaks off', new Error('terminated'), 200, 'lost', false, 'network'],
    ['401', answered(401, 'who?'), 401, 'not-sent', false, 'auth'],
    ['403', answered(403, 'no'), 403, 'not-sent', false, 'auth'],
    ['404 in a session', answered(404, 'Session not found'), 404, 'not-sent', true, undefined],
    [
      '400 about the session',
      answered(400, 'No valid session ID'),
      400,
      'not-sent',
      true,
      undefined,
    ],
    ['413', answered(413, 'too much'), 413, 'not-sent', false, 'tool'],
    ['429', answered(429, 'slowly'), 429, 'not-sent', true, 'rate-limit'],
    ['500', answered(500, 'oops'), 500, 'lost', false, 'server'],
    ['502 of a proxy', answered(502, 'bad gateway'), 502, 'lost', false, 'server'],
    ['503 of a proxy', answered(503, 'reset'), 503, 'lost', false, 'server'],
  ])('is told apart: %s', (_title, cause, status, kind, retryable, errorClass) => {
    const { error } = callFailure(cause, { ...legacy, status });
    expect(error).toMatchObject({ kind, retryable, errorClass });
  });

  test.each([401, 404, 413, 429])('may have run when %d came after something else', (status) => {
    const attempt = { ...legacy, mayHaveRun: true, status };
    const { error, linkLost } = callFailure(answered(status, 'no'), attempt);
    expect(error).toMatchObject({ kind: 'lost' });
    expect(linkLost).toBeUndefined();
  });

  test('makes the connection unusable when the server or the session is gone', () => {
    const lost = { code: 'CONNECTION_LOST' };
    const unreachable = callFailure(fetchFailed(refused), { ...legacy, status: undefined });
    expect(unreachable.linkLost).toMatchObject(lost);
    const dropped = callFailure(answered(404, 'Session not found'), { ...legacy, status: 404 });
    expect(dropped.linkLost).toMatchObject(lost);
    const limited = callFailure(answered(429, 'slowly'), { ...legacy, status: 429 });
    expect(limited.linkLost).toBeUndefined();
  });

  test('is rejected when the body of the refusal is a JSON-RPC error', () => {
    const text = '{"jsonrpc":"2.0","id":3,"error":{"code":-32601,"message":"no such method"}}';
    const attempt = { isSent: true, hasSession: false, mayHaveRun: false, status: 404 };
    expect(callFailure(answered(404, text), attempt).error).toMatchObject({
      kind: 'rejected',
      code: -32601,
    });
  });

  test('did not run when it was turned away at the door, whatever the body says', () => {
    const text = '{"jsonrpc":"2.0","id":3,"error":{"code":-32000,"message":"too many"}}';
    const attempt = { ...legacy, status: 429, retryAfterMs: 2_000 };
    expect(callFailure(answered(429, text), attempt).error).toMatchObject({
      kind: 'not-sent',
      errorClass: 'rate-limit',
      retryAfterMs: 2_000,
    });
  });

  test('was not sent when no byte had left', () => {
    const attempt = { isSent: false, mayHaveRun: false, hasSession: true, status: undefined };
    expect(callFailure(fetchFailed(reset), attempt).error).toMatchObject({ kind: 'not-sent' });
  });
});
