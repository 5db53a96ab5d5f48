import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isGroupAlive } from '../../src/process/group-liveness';
import { DEFAULT_TIMEOUTS, type ServerSpec, type StdioSpec } from '../../src/domain/spec';
import { type ValidationReport } from '../../src/domain/servers/validation';
import { openConnection } from '../../src/mcp/session/connection';
import { validateServer } from '../../src/validation/validate-server';
import { createTestHost, fixture, stdioSpec, type TestHost } from '../mcp/harness';
import { type ValidationSpec } from '../../src/domain/servers/validation-spec';

const SAFE: ValidationSpec = {
  calls: [{ tool: 'echo', arguments: { text: 'hello' }, expect: 'hello' }],
};

let host: TestHost;
let groups: number[];

beforeEach(() => {
  host = createTestHost();
  groups = [];
});
afterEach(async () => {
  expect(groups.filter((pgid) => isGroupAlive(pgid))).toEqual([]);
  await host.close();
});

function specOf(fault: string, over: Partial<StdioSpec> = {}, env: Record<string, string> = {}) {
  const args = [fixture('validated-server.js'), fault];
  const { process: owned, ...spec } = stdioSpec();
  const startMs = fault === 'never-answers' ? 1_000 : 20_000;
  const timeouts = { ...DEFAULT_TIMEOUTS, startMs, stopMs: 500 };
  const declared = { name: fault, timeouts, validation: SAFE };
  return { ...spec, ...declared, process: { ...owned, args, env }, ...over };
}

async function validate(
  spec: ServerSpec,
  signal = new AbortController().signal,
  onCheck?: (name: string) => void,
  onSpawn?: () => void,
): Promise<ValidationReport> {
  const start = (wanted: ServerSpec, aborted: AbortSignal) =>
    openConnection(wanted, {
      hostId: 'test-host',
      log: host.log,
      signal: aborted,
      onSpawn: (pgid) => {
        groups.push(pgid);
        onSpawn?.();
      },
    });
  return validateServer({ spec, start }, { signal, onCheck });
}

function statusOf({ checks }: ValidationReport, name: string): string {
  const check = checks.find((found) => found.name === name);
  return check ? `${check.status}: ${check.detail}` : 'missing';
}

/** How fast a server answers depends on what else runs on the machine; that it answers everything does not. */
function isOnlySlow({ name, detail }: ValidationReport['checks'][number]): boolean {
  return name === 'load' && detail.startsWith('average') && detail.includes('50 of 50 succeeded');
}

test('a good server passes, and everything about it is told', async () => {
  const report = await validate(specOf('none'));
  const bad = report.checks.filter(({ status }) => status === 'failed' || status === 'warning');
  expect(bad.filter((check) => !isOnlySlow(check))).toEqual([]);
  expect(report.passed).toBe(bad.every(({ status }) => status !== 'failed'));
  expect(report).toMatchObject({
    server: 'none',
    serverInfo: { name: 'validated', version: '1' },
    protocolVersion: expect.stringMatching(/^\d{4}-/) as string,
    load: { requests: 50, succeeded: 50 },
    memory: { beforeBytes: expect.any(Number) as number },
  });
  expect(report.checks.map(({ name }) => name)).toEqual([
    ...['start', 'handshake', 'tools', 'resources', 'resource-templates', 'prompts'],
    ...['calls', 'unknown-method', 'unknown-tool', 'bad-arguments', 'load', 'memory', 'junk'],
    ...['stdout', 'shutdown', 'restart', 'credential'],
  ]);
});

const FAULTS: [fault: string, check: string, says: RegExp][] = [
  ['exits-at-once', 'start', /^failed: .*exited with code 3.*no licence found/s],
  ['never-answers', 'start', /^failed: .*within 1000 ms/],
  ['floods', 'stdout', /^warning: .*not a message/],
  ['prints-junk', 'stdout', /^warning: .*Welcome!/],
  ['bad-schema', 'tools', /^failed: .*inputSchema of tool "echo" is not a valid JSON Schema/],
  ['no-object', 'tools', /^failed: .*not of type "object"/],
  ['duplicates', 'tools', /^failed: .*"echo" appears more than once/],
  ['odd-name', 'tools', /^warning: .*"echo.text" has characters.*longer than 64/],
  ['no-description', 'tools', /^warning: tool "echo" has no description/],
  ['hidden-text', 'tools', /^warning: .*U\+202E, U\+E0041/],
  ['endless-pages', 'tools', /^failed: .*did not end after 1000 pages/],
  ['same-cursor', 'tools', /^failed: .*same cursor twice/],
  ['no-list', 'tools', /^failed: declares "tools" but does not support tools\/list/],
  ['list-is-object', 'tools', /^failed: .*no array "tools"/],
  ['answers-everything', 'unknown-method', /^failed: returned a result instead of an error/],
  ['dies-of-unknown', 'unknown-method', /^failed: .*exited with code 9/],
  ['odd-code', 'unknown-method', /^warning: error -32602.*-32601/],
  ['accepts-anything', 'unknown-tool', /^failed: accepted instead of refused/],
  ['accepts-anything', 'bad-arguments', /^failed: accepted instead of refused/],
  ['accepts-anything', 'calls', /^failed: echo: expected a result with "hello", got: fine/],
  [
    'dies-of-junk',
    'junk',
    /^failed: not responding after a line that is not JSON.*exited with code/s,
  ],
  [
    'dies-of-big-lines',
    'junk',
    /^failed: not responding after a line of 1 MiB.*exited with code 10/s,
  ],
  ['fails-under-load', 'load', /^failed: \d of 50 requests failed/],
  ['slow-answers', 'load', /^failed: average response time of 100 ms or more/],
  ['grows', 'memory', /^warning: \d+ MiB before the load, \d+ MiB after/],
  ['ignores-eof', 'shutdown', /^warning: .*SIGTERM stopped it/],
  ['ignores-everything', 'shutdown', /^failed: .*it was killed/],
  ['leaves-child', 'shutdown', /^failed: left processes behind/],
  ['other-tools', 'restart', /^failed: tools differ/],
];

test.each(FAULTS)('a server that %s: %s tells it', async (fault, check, says) => {
  const report = await validate(specOf(fault));
  const said = statusOf(report, check);
  expect(said).toMatch(says);
  expect(report.passed).toBe(report.checks.every(({ status }) => status !== 'failed'));
  if (said.startsWith('failed')) expect(report.passed).toBe(false);
});

test('the others are skipped when a server does not start', async () => {
  const { checks } = await validate(specOf('exits-at-once'));
  expect(new Set(checks.slice(1).map(({ status }) => status))).toEqual(new Set(['skipped']));
});

test('a server that a check has killed is started again for the next one', async () => {
  const report = await validate(specOf('dies-of-unknown'));
  expect(statusOf(report, 'unknown-method')).toMatch(/^failed/);
  expect(statusOf(report, 'load')).toMatch(/^passed/);
});

describe('tools', () => {
  test('that are not declared safe are never called', async () => {
    const calls = path.join(host.folder, 'calls');
    await validate(specOf('none', {}, { CALLS: calls }));
    const called = new Set(readFileSync(calls, 'utf8').trim().split('\n'));
    expect(called).toEqual(new Set(['echo', 'mainspring_no_such_tool']));
  });

  test('none is called when none is declared', async () => {
    const calls = path.join(host.folder, 'calls');
    const report = await validate(specOf('none', { validation: undefined }, { CALLS: calls }));
    const called = existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [];
    // A name that no tool has, and a call without a name.
    expect(new Set(called)).toEqual(new Set(['mainspring_no_such_tool', 'undefined']));
    expect(statusOf(report, 'calls')).toMatch(/^skipped/);
    expect(statusOf(report, 'load')).toMatch(/^passed: 50 × tools\/list/);
    expect(report.passed).toBe(true);
  });

  test('that are declared but not there fail', async () => {
    const validation = { calls: [{ tool: 'ecko', arguments: {} }] };
    const report = await validate(specOf('none', { validation }));
    expect(statusOf(report, 'calls')).toBe('failed: there is no tool "ecko"');
  });
});

describe('the declared credential', () => {
  const validation = { ...SAFE, credential: 'TOKEN' };
  const env = { TOKEN: 'let me in' };

  test.each([
    ['needs-token', /^passed: .*TOKEN is missing/],
    ['needs-token-to-start', /^passed: without TOKEN it does not start: .*TOKEN is not set/s],
    ['none', /^failed: without TOKEN the call of echo succeeds/],
  ])('of a server that %s', async (fault, says) => {
    const report = await validate(specOf(fault, { validation }, env));
    expect(statusOf(report, 'credential')).toMatch(says);
  });

  test('must be something that the server is given', async () => {
    const report = await validate(specOf('none', { validation }));
    expect(statusOf(report, 'credential')).toMatch(/^failed: .*no variable or header TOKEN/);
  });
});

test('an abort ends it at once, and leaves nothing', async () => {
  const abort = new AbortController();
  const validating = validate(specOf('none'), abort.signal, (name) => {
    if (name === 'load') abort.abort(new Error('enough'));
  });
  await expect(validating).rejects.toThrow('enough');
  expect(groups.length).toBe(1);
});

test('an abort while it starts leaves nothing either', async () => {
  const abort = new AbortController();
  const end = () => abort.abort(new Error('enough'));
  const validating = validate(specOf('ignores-everything'), abort.signal, undefined, end);
  await expect(validating).rejects.toThrow('enough');
  expect(groups.map((pgid) => isGroupAlive(pgid))).toEqual([false]);
});
