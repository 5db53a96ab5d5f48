import { SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import { type ErrorClass } from '../../../src/domain/calls/error-class';
import { type ErrorCode, MainspringError } from '../../../src/base/errors';
import { classOfLoss, classOfRpcCode, classOfStatus } from '../../../src/mcp/calls/classify-error';

test.each<[number, ErrorClass]>([
  [-32603, 'server'],
  [-32000, 'server'],
  [-32099, 'server'],
  [-32100, 'tool'],
  [-31999, 'tool'],
  [-32700, 'tool'],
  [-32600, 'tool'],
  [-32601, 'tool'],
  [-32602, 'tool'],
  [42, 'tool'],
])('JSON-RPC error %i is of class %s', (code, expected) => {
  expect(classOfRpcCode(code)).toBe(expected);
});

test.each<[number, ErrorClass]>([
  [401, 'auth'],
  [403, 'auth'],
  [407, 'auth'],
  [429, 'rate-limit'],
  [500, 'server'],
  [502, 'server'],
  [503, 'server'],
  [504, 'server'],
  [404, 'protocol'],
  [405, 'protocol'],
  [415, 'protocol'],
  [400, 'tool'],
  [413, 'tool'],
])('HTTP status %i is of class %s', (status, expected) => {
  expect(classOfStatus(status)).toBe(expected);
});

const ours = (code: ErrorCode) => new MainspringError(code, 'it ended');

test.each<[string, unknown, ErrorClass]>([
  ['an exit', ours('SERVER_EXITED'), 'crash'],
  ['a connection that broke', ours('CONNECTION_LOST'), 'network'],
  ['text that is no JSON', new SyntaxError('Unexpected token'), 'protocol'],
  ['a web page', new SdkError(SdkErrorCode.ClientHttpUnexpectedContent, 'html'), 'protocol'],
  ['a reset', Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 'network'],
  ['anything else', 'what', 'network'],
])('a call that is lost by %s is of class %s', (_what, cause, expected) => {
  expect(classOfLoss(cause)).toBe(expected);
});
