import { readableResult } from '../../../src/gateway/calls/readable-result';
import { type JsonObject } from '../../../src/base/json';

const text = (value: string) => ({ type: 'text', text: value });

test.each<[what: string, result: JsonObject]>([
  ['text', { content: [{ ...text('x'), vendor: 1 }], isError: true }],
  ['nothing', { content: [] }],
  ['an image', { content: [{ type: 'image', data: 'AA==', mimeType: 'image/png' }] }],
  ['a link', { content: [{ type: 'resource_link', uri: 'a:1', name: 'a' }] }],
  ['a resource', { content: [{ type: 'resource', resource: { uri: 'a:1', blob: '' } }] }],
  ['structured content', { content: [], structuredContent: { a: 1 } }],
  ['a question', { resultType: 'input_required', inputRequests: {} }],
  ['a task', { task: { taskId: '1' } }],
])('%s is passed on as it is', (_what, result) => {
  expect(readableResult(result, 'legacy')).toBe(result);
  expect(readableResult(result, 'modern')).toBe(result);
});

test.each<[what: string, result: JsonObject, content: object[]]>([
  [
    'a block of another kind',
    { content: [text('x'), { type: 'chart' }] },
    [text('x'), text('{"type":"chart"}')],
  ],
  [
    'text that is a number',
    { content: [{ type: 'text', text: 5 }] },
    [text('{"type":"text","text":5}')],
  ],
  ['text in place of a list', { content: 'all of it' }, [text('all of it')]],
  ['no content', { isError: true }, []],
  ['content that is null', { content: null }, []],
])('%s becomes text', (_what, result, content) => {
  expect(readableResult(result, 'legacy')).toEqual({ ...result, content });
  expect(readableResult(result, 'modern')).toEqual({ ...result, content });
});

test('structured content that is not an object is for the modern era only', () => {
  const result = { content: [], structuredContent: [1, 2] };
  expect(readableResult(result, 'modern')).toBe(result);
  expect(readableResult(result, 'legacy')).toEqual({ content: [text('[1,2]')] });
  const told = { content: [text('1 and 2')], structuredContent: [1, 2] };
  expect(readableResult(told, 'legacy')).toEqual({ content: [text('1 and 2')] });
});
