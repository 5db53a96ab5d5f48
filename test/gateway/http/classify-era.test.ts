import { eraOfMessage, eraOfRequest } from '../../../src/gateway/http/classify-era';

const claim = (version: unknown) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/list',
  params: { _meta: { 'io.modelcontextprotocol/protocolVersion': version } },
});
const plain = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

test.each([
  ['a claim in the body', undefined, claim('2026-07-28'), 'modern'],
  ['a claim of a version that does not exist', undefined, claim('2030-01-01'), 'modern'],
  ['a claim that is no version', undefined, claim(7), 'modern'],
  ['a claim, against the header', '2025-11-25', claim('2026-07-28'), 'modern'],
  ['the header', '2026-07-28', plain, 'modern'],
  ['the header, in spaces', ' 2026-07-28 ', plain, 'modern'],
  ['a later header', '2027-01-01', plain, 'modern'],
  ['discover', undefined, { jsonrpc: '2.0', id: 1, method: 'server/discover' }, 'modern'],
  ['an older header', '2025-11-25', plain, 'legacy'],
  ['a header that is no version', 'zzz', plain, 'legacy'],
  ['no header', undefined, plain, 'legacy'],
  ['initialize', undefined, { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} }, 'legacy'],
  ['a response', undefined, { jsonrpc: '2.0', id: 1, result: {} }, 'legacy'],
  ['a batch', '2025-03-26', [plain], 'legacy'],
  ['a batch with a claim', undefined, [claim('2026-07-28')], 'legacy'],
  ['a batch with the header', '2026-07-28', [plain], 'modern'],
  ['params that are a list', undefined, { ...plain, params: [] }, 'legacy'],
  ['_meta that is null', undefined, { ...plain, params: { _meta: null } }, 'legacy'],
  ['no message at all', undefined, null, 'legacy'],
  ['a number', undefined, 3, 'legacy'],
])('%s', (_what, header, body, era) => {
  expect(eraOfRequest(header, body)).toBe(era);
});

test('without headers only the message counts', () => {
  expect(eraOfMessage(plain)).toBe('legacy');
  expect(eraOfMessage(claim('2026-07-28'))).toBe('modern');
});
