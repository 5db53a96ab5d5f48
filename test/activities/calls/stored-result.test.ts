import { cutResult, jsonBytes } from '../../../activities/calls/cut-result';
import { storedWhenLarge, MAX_INLINE_RESULT_BYTES } from '../../../activities/calls/stored-result';
import { type Json, type JsonObject } from '../../../src/base/json';

const stored = new Map<string, JsonObject>();
const results = { put: async (ref: string, value: JsonObject) => void stored.set(ref, value) };
const broken = { put: async () => Promise.reject(new Error('the disk is full')) };
const large = 'x'.repeat(2 * MAX_INLINE_RESULT_BYTES);
const text = (value: string): JsonObject => ({ type: 'text', text: value });

function nested(levels: number): Json {
  let value: Json = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

beforeEach(() => stored.clear());

describe('an answer', () => {
  it('goes as it is when it is small, whatever the store does', async () => {
    const answer = { result: { content: [text('hi')] } };
    expect(await storedWhenLarge(broken, 'r', answer)).toBe(answer);
  });

  it('goes through the store when it is large, a result as well as an error', async () => {
    const result = { content: [text(large)] };
    expect(await storedWhenLarge(results, 'r', { result })).toEqual({ resultRef: 'r' });
    expect(stored.get('r')).toEqual(result);
    const rpcError = { code: 1, message: 'no', data: large };
    expect(await storedWhenLarge(results, 'e', { rpcError })).toEqual({ rpcErrorRef: 'e' });
    expect(stored.get('e')).toEqual(rpcError);
  });

  it.each<[string, Json]>([
    ['too large for a store that fails', large],
    ['nested too deep to be written', nested(100_000)],
  ])('that is %s is said to be lost, and nothing is thrown', async (_what, value) => {
    const kept = await storedWhenLarge(broken, 'r', { result: { value } });
    expect(kept).toMatchObject({ notStored: { code: 'RESULT_NOT_STORED' } });
  });
});

describe('a result that is cut', () => {
  const cut = (result: JsonObject) => cutResult(result, 1_000, 'it is cut');

  it('keeps the blocks that fit, the beginning of the next, and says so', () => {
    const result = cut({
      content: [text('first'), text('"'.repeat(5_000)), text('last')],
      isError: true,
      structuredContent: { large },
    });
    expect(jsonBytes(result)).toBeLessThanOrEqual(1_000);
    expect(jsonBytes(result)).toBeGreaterThan(900);
    expect(result).toMatchObject({ isError: true });
    expect(result).not.toHaveProperty('structuredContent');
    const { content } = result;
    expect(content).toEqual([
      text('first'),
      text(expect.stringMatching(/^"+$/) as string),
      text('it is cut'),
    ]);
  });

  it('leaves out what cannot be written, and no half of a character', () => {
    const result = cut({
      content: [nested(100_000), text('😀'.repeat(1_000))],
      deep: nested(100_000),
    });
    expect(() => JSON.stringify(result)).not.toThrow();
    expect(JSON.stringify(result)).not.toMatch(/\\ud83d/);
  });
});
