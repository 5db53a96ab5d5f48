import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { callArguments, readBatch } from '../../../src/cli/options/call-arguments';
import { useTemporaryFolder } from '../../temporary-folder';

const tool = {
  name: 'order',
  inputSchema: { properties: { zip: { type: 'string' }, count: { type: 'integer' } } },
};

describe('callArguments', () => {
  it('are empty without words', () => {
    expect(callArguments([], undefined)).toEqual({});
  });

  it('take one JSON object as it is', () => {
    expect(callArguments(['{"a": {"b": [1]}}'], tool)).toEqual({ a: { b: [1] } });
  });

  it('take pairs in the type that the schema asks for', () => {
    expect(callArguments(['zip=01234', 'count=3'], tool)).toEqual({ zip: '01234', count: 3 });
  });

  it('take JSON values for members that no schema describes, and else text', () => {
    expect(callArguments(['a=1', 'b=[true]', 'c=plain text', 'd=', 'e=x=y'], undefined)).toEqual({
      ...{ a: 1, b: [true], c: 'plain text', d: '', e: 'x=y' },
    });
  });

  it.each([
    [['[1]'], 'INVALID_JSON'],
    [['{"a": '], 'INVALID_JSON'],
    [['a=1', 'b'], 'WRONG_USAGE'],
    [['=1', 'b=2'], 'WRONG_USAGE'],
  ])('refuse %j with %s', (words, code) => {
    expect(() => callArguments(words, tool)).toThrow(expect.objectContaining({ code }) as Error);
  });
});

describe('readBatch', () => {
  const folder = useTemporaryFolder();
  const batch = (text: string) => {
    const file = path.join(folder(), 'batch.json');
    writeFileSync(file, text);
    return readBatch(file);
  };

  it('reads calls with their keys', async () => {
    const calls = await batch('[{"server": "a", "tool": "b", "args": {"c": 1}, "key": "k"}]');
    expect(calls).toEqual([{ server: 'a', tool: 'b', args: { c: 1 }, idempotencyKey: 'k' }]);
  });

  it.each([
    ['{', 'INVALID_JSON', 'batch.json'],
    ['[{"server": "a"}]', 'INVALID_CONFIG', 'tool'],
    ['[{"server": "a", "tool": "b", "arguments": {}}]', 'INVALID_CONFIG', 'arguments'],
    ['{}', 'INVALID_CONFIG', 'array'],
  ])('refuses %s', async (text, code, part) => {
    await expect(batch(text)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(part) as string,
    });
  });
});
