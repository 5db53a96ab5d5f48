import { decodeHeaderValue } from '../../../src/gateway/modern/header-value';
import {
  checkNotificationHeaders,
  checkRoutingHeaders,
  checkVersionHeader,
} from '../../../src/gateway/modern/headers';
import { checkParamHeaders, declaredHeaders } from '../../../src/gateway/modern/param-headers';
import { RpcError } from '../../../src/gateway/rpc';
import { envelope } from './modern-harness';

/** The code that it throws, or undefined. */
function refusal(check: () => void): number | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof RpcError) return error.code;
    throw error;
  }
}

describe('decodeHeaderValue', () => {
  it.each([
    ['plain', 'us-west1', 'us-west1'],
    ['with spaces and tabs', 'a b\tc', 'a b\tc'],
    ['encoded', '=?base64?SGVsbG8sIOS4lueVjA==?=', 'Hello, 世界'],
    ['encoded, padded with spaces', '=?base64?IHBhZGRlZCA=?=', ' padded '],
    ['encoded, of two lines', '=?base64?bGluZTEKbGluZTI=?=', 'line1\nline2'],
    ['encoded, like an encoded one', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=', '=?base64?literal?='],
    ['encoded, empty', '=?base64??=', ''],
    ['another case, so not encoded', '=?BASE64?SGk=?=', '=?BASE64?SGk=?='],
    ['without the end, so not encoded', '=?base64?SGk=', '=?base64?SGk='],
    ['encoded without padding', '=?base64?SGk?=', undefined],
    ['encoded with other letters', '=?base64?SG!k?=', undefined],
    ['encoded, not UTF-8', '=?base64?/w==?=', undefined],
    ['letters beyond ASCII', 'Grüße', undefined],
    ['control characters', 'a\u0001b', undefined],
  ])('%s', (_what, header, value) => {
    expect(decodeHeaderValue(header)).toBe(value);
  });
});

describe('the headers of a request', () => {
  it.each([
    ['the same version', '2026-07-28', { _meta: envelope() }, undefined],
    ['no header', undefined, { _meta: envelope() }, -32020],
    ['another version', '2025-11-25', { _meta: envelope() }, -32020],
    ['no claim in the body, which is judged later', '2026-07-28', {}, undefined],
  ])('version: %s', (_what, version, params, code) => {
    const headers = version === undefined ? {} : { 'mcp-protocol-version': version };
    expect(refusal(() => checkVersionHeader(headers, params))).toBe(code);
  });

  it.each([
    ['a list needs no name', 'tools/list', {}, { 'mcp-method': 'tools/list' }, undefined],
    ['no method', 'tools/list', {}, {}, -32020],
    ['another method', 'tools/list', {}, { 'mcp-method': 'prompts/list' }, -32020],
    ['another case', 'tools/list', {}, { 'mcp-method': 'TOOLS/LIST' }, -32020],
    ['name', 'tools/call', { name: 'a' }, { 'mcp-name': 'a' }, undefined],
    ['no name', 'tools/call', { name: 'a' }, {}, -32020],
    ['another name', 'prompts/get', { name: 'a' }, { 'mcp-name': 'b' }, -32020],
    ['encoded', 'tools/call', { name: 'ä' }, { 'mcp-name': '=?base64?w6Q=?=' }, undefined],
    ['encoded badly', 'tools/call', { name: 'ä' }, { 'mcp-name': '=?base64?w6Q?=' }, -32020],
    ['uri', 'resources/read', { uri: 'a://b' }, { 'mcp-name': 'a://b' }, undefined],
    ['task', 'tasks/get', { taskId: 't' }, { 'mcp-name': 'u' }, -32020],
    ['a name that is no text is judged later', 'tools/call', { name: 1 }, {}, undefined],
    ['a method like a member of objects', 'constructor', {}, {}, undefined],
  ])('routing: %s', (_what, method, params, more, code) => {
    const headers = 'mcp-name' in more || code === undefined ? { 'mcp-method': method } : {};
    const own = method === 'tools/list' ? more : { ...headers, 'mcp-method': method, ...more };
    expect(refusal(() => checkRoutingHeaders(own, method, params))).toBe(code);
  });

  it('a notification may leave its method out, but not say another one', () => {
    expect(refusal(() => checkNotificationHeaders({}, 'a'))).toBeUndefined();
    expect(refusal(() => checkNotificationHeaders({ 'mcp-method': 'b' }, 'a'))).toBe(-32020);
  });
});

describe('the headers of arguments', () => {
  const schema = {
    type: 'object',
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      count: { type: 'integer', 'x-mcp-header': 'Count' },
      dry: { type: 'boolean', 'x-mcp-header': 'Dry' },
      nested: {
        type: 'object',
        properties: { deep: { type: 'string', 'x-mcp-header': 'Deep' } },
      },
      list: { type: 'array', items: { type: 'string', 'x-mcp-header': 'Item' } },
      rate: { type: 'number', 'x-mcp-header': 'Rate' },
      odd: { type: 'string', 'x-mcp-header': 'not a token' },
      query: { type: 'string' },
    },
  };

  it('are those that the rules allow', () => {
    expect(declaredHeaders(schema)).toEqual([
      { name: 'Region', path: ['region'] },
      { name: 'Count', path: ['count'] },
      { name: 'Dry', path: ['dry'] },
      { name: 'Deep', path: ['nested', 'deep'] },
    ]);
    expect(declaredHeaders(undefined)).toEqual([]);
  });

  it.each([
    ['all as they should be', { region: 'eu' }, { 'mcp-param-region': 'eu' }, undefined],
    ['no argument, no header', { query: 'q' }, {}, undefined],
    ['null counts as none', { region: null }, {}, undefined],
    ['missing', { region: 'eu' }, {}, -32020],
    ['another value', { region: 'eu' }, { 'mcp-param-region': 'us' }, -32020],
    ['encoded', { region: 'ä' }, { 'mcp-param-region': '=?base64?w6Q=?=' }, undefined],
    ['encoded badly', { region: 'ä' }, { 'mcp-param-region': '=?base64?w6Q?=' }, -32020],
    ['encoded badly without an argument', {}, { 'mcp-param-region': '=?base64?!?=' }, -32020],
    ['a number', { count: 42 }, { 'mcp-param-count': '42' }, undefined],
    ['a number written otherwise', { count: 42 }, { 'mcp-param-count': '42.0' }, undefined],
    ['another number', { count: 42 }, { 'mcp-param-count': '43' }, -32020],
    ['a flag', { dry: true }, { 'mcp-param-dry': 'true' }, undefined],
    ['a flag of another case', { dry: true }, { 'mcp-param-dry': 'True' }, -32020],
    ['deep inside', { nested: { deep: 'x' } }, {}, -32020],
    ['deep inside, said', { nested: { deep: 'x' } }, { 'mcp-param-deep': 'x' }, undefined],
  ])('%s', (_what, args, headers, code) => {
    expect(refusal(() => checkParamHeaders(headers, schema, args))).toBe(code);
  });
});
