import { validateArguments } from '../../src/domain/calls/tool-arguments';
import { badArguments } from '../../src/validation/bad-arguments';
import { findingOf, type Problem } from '../../src/validation/finding';
import { loadText, summarise } from '../../src/validation/summarise';
import { withoutCredential } from '../../src/validation/without-credential';
import { stdioSpec, urlSpec } from '../mcp/harness';

describe('bad arguments', () => {
  test.each([
    [{ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }],
    [{ type: 'object', properties: { a: { type: 'object' } } }],
    [{ type: 'object', properties: { a: {} }, required: ['a', 'b'] }],
  ])('for %j are not allowed by it', (inputSchema) => {
    const tool = { name: 'a', inputSchema };
    const args = badArguments(tool);
    expect(args && validateArguments(tool, args)).toEqual(expect.any(String));
  });

  test('do not exist when everything is allowed', () => {
    expect(badArguments({ name: 'a', inputSchema: { type: 'object' } })).toBeUndefined();
  });
});

describe('a spec without its credential', () => {
  const process = { command: 'run', args: ['--token=${TOKEN}'], cwd: '/' };

  test('has neither the variable nor what refers to it', () => {
    const env = { TOKEN: 'x', AUTH: 'Bearer ${TOKEN:-none}', OTHER: '${TOKENS}' };
    const spec = withoutCredential(stdioSpec({}, { process: { ...process, env } }), 'TOKEN');
    expect(spec?.process).toMatchObject({ args: ['--token='], env: { OTHER: '${TOKENS}' } });
    expect(Object.keys(spec?.process?.env ?? {})).toEqual(['OTHER']);
  });

  test('has not got the header, however it is written', () => {
    const remote = { url: 'http://a/?key=${KEY}', headers: { Authorization: 'x', Accept: 'y' } };
    const spec = urlSpec('http', remote.url, { remote });
    expect(withoutCredential(spec, 'authorization')).toMatchObject({
      remote: { url: remote.url, headers: { Accept: 'y' } },
    });
    expect(withoutCredential(spec, 'KEY')).toMatchObject({
      remote: { url: 'http://a/?key=', headers: remote.headers },
    });
  });

  test('does not exist when it had none', () => {
    expect(withoutCredential(stdioSpec(), 'TOKEN')).toBeUndefined();
  });
});

test('many answers are summed up', () => {
  const samples = Array.from({ length: 100 }, (_, index) => ({
    ms: 100 - index,
    succeeded: index > 0,
  }));
  const load = summarise(samples);
  expect(load).toEqual({ requests: 100, succeeded: 99, averageMs: 50.5, p50Ms: 50, p95Ms: 95 });
  expect(loadText(load)).toBe('average 50.5 ms, p50 50 ms, p95 95 ms, 99 of 100 succeeded');
});

test('the worst problem decides, failures come first, and not all are told', () => {
  const problem = (status: Problem['status'], text: string): Problem => ({ status, text });
  expect(findingOf([], 'fine')).toEqual({ status: 'passed', detail: 'fine' });
  expect(findingOf([problem('warning', 'a')], '')).toEqual({ status: 'warning', detail: 'a' });
  const many = [...'abcdef'].map((text) => problem('warning', text));
  expect(findingOf([...many, problem('failed', 'g')], '')).toEqual({
    status: 'failed',
    detail: 'g; a; b; c; d; and 2 more',
  });
});
