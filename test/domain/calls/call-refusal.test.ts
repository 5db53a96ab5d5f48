import { callRefusal, circuitOpen, holdsCalls } from '../../../src/domain/calls/call-refusal';
import {
  type Breaker,
  CLOSED,
  type Isolation,
  NO_ISOLATION,
} from '../../../src/domain/isolation/isolation';
import { stdioSpec } from '../samples';

const NOW = Date.parse('2026-11-21T18:00:00Z');
const OPEN: Breaker = { ...CLOSED, state: 'open', openUntilMs: NOW + 1_000, reason: 'timeouts' };
const MAINTENANCE = { reason: 'new disk', sinceMs: NOW, calls: 'refuse' as const };
const CHANGED = {
  hash: 'a',
  foundHash: 'b',
  changes: [{ tool: 'read', change: 'changed' as const }],
};
const quarantine = (cause: 'errors' | 'tools' | 'operator', untilMs?: number) => ({
  quarantine: { cause, reason: 'it hung', sinceMs: NOW, ...(untilMs && { untilMs }) },
});

const refusal = (over: Partial<Isolation>, tool = 'read', nowMs = NOW) =>
  callRefusal({ ...NO_ISOLATION, ...over }, { spec: stdioSpec(), tool, nowMs });

test.each<[string, Partial<Isolation>, string | undefined, RegExp | undefined]>([
  ['nothing', {}, undefined, undefined],
  ['an open circuit', { breaker: OPEN }, 'CIRCUIT_OPEN', /"files" is open \(timeouts\)/],
  [
    'maintenance',
    { maintenance: MAINTENANCE },
    'SERVER_IN_MAINTENANCE',
    /maintenance \(new disk\)/,
  ],
  [
    'one that lets calls wait',
    { maintenance: { ...MAINTENANCE, calls: 'wait' } },
    undefined,
    undefined,
  ],
  ['a changed tool', { tools: CHANGED }, 'TOOL_QUARANTINED', /"read" of "files" has changed since/],
  [
    'errors',
    quarantine('errors', NOW + 30_000),
    'SERVER_QUARANTINED',
    /until 2026-11-21T18:00:30.000Z \(it hung\)/,
  ],
  ['an order', quarantine('operator'), 'SERVER_QUARANTINED', /until it is released/],
  ['changed tools', quarantine('tools'), 'SERVER_QUARANTINED', /until its tools are approved/],
])('kept away by %s', (_title, over, code, text) => {
  const refused = refusal(over);
  expect(refused?.code).toBe(code);
  if (text) expect(refused?.message).toMatch(text);
});

test('does not promise a retry of a breaker that an operator opened', () => {
  const byHand: Breaker = { ...CLOSED, state: 'open', reason: 'opened by ada' };
  expect(refusal({ breaker: byHand })?.fix).toBe('Close it: mainspring breaker files close.');
  expect(refusal({ breaker: OPEN })?.fix).toMatch(/^Wait for the next attempt, or close it/);
});

test.each<[string, Partial<Isolation>, string]>([
  [
    'the maintenance',
    { maintenance: MAINTENANCE, ...quarantine('errors') },
    'SERVER_IN_MAINTENANCE',
  ],
  ['the quarantine', { ...quarantine('errors'), tools: CHANGED }, 'SERVER_QUARANTINED'],
  ['the tool', { tools: CHANGED, breaker: OPEN }, 'TOOL_QUARANTINED'],
])('of several reasons it tells %s', (_title, over, code) => {
  expect(refusal(over)?.code).toBe(code);
});

test('still admits another tool of the same server', () => {
  expect(refusal({ tools: CHANGED }, 'write')).toBeUndefined();
});

test('an open circuit lets calls through when its time has come', () => {
  expect(refusal({ breaker: OPEN }, 'read', NOW + 1_000)).toBeUndefined();
});

test('the fix names the command for this server', () => {
  const fixes = [
    refusal({ breaker: OPEN }),
    refusal({ maintenance: MAINTENANCE }),
    refusal({ tools: CHANGED }),
    refusal(quarantine('operator')),
    refusal(quarantine('tools')),
  ].map((refused) => /mainspring (?!status)\w+ files.*(?=\.)/.exec(refused?.fix ?? '')?.[0]);
  expect(fixes).toEqual([
    'mainspring breaker files close',
    'mainspring maintenance files off',
    'mainspring approve files',
    'mainspring release files',
    'mainspring approve files',
  ]);
});

test('reports a half-open circuit with a trial in progress', () => {
  const { message } = circuitOpen('files', { ...CLOSED, state: 'half-open' });
  expect(message).toContain('half-open, with a trial call in progress');
});

test('only a maintenance that lets calls wait holds them', () => {
  expect(holdsCalls(NO_ISOLATION)).toBe(false);
  expect(holdsCalls({ ...NO_ISOLATION, maintenance: MAINTENANCE })).toBe(false);
  expect(holdsCalls({ ...NO_ISOLATION, maintenance: { ...MAINTENANCE, calls: 'wait' } })).toBe(
    true,
  );
});
