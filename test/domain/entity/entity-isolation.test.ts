import { type EntityState, newEntity } from '../../../src/domain/entity/entity';
import { ordered, sessionFound } from '../../../src/domain/entity/entity-isolation';
import { type SessionFinding, type ToolChange } from '../../../src/domain/isolation/isolation';
import { type StdioSpec } from '../../../src/domain/spec';
import { signedSpec } from '../samples';

const NOW = 1_000_000;
const OWNER = { generation: 1, epoch: 1, host: 'h', hostPid: 1 };
const CHANGED: ToolChange[] = [{ tool: 'read', change: 'changed' }];
const ADDED: ToolChange[] = [{ tool: 'write', change: 'added' }];

/** A server that runs with approved tools `h1`. */
function running(over: Partial<StdioSpec> = {}): EntityState {
  const entity = newEntity('files', signedSpec(over), 'run', 0);
  return {
    ...entity,
    state: 'RUNNING',
    session: { generation: 1, cancelled: false, startedAtMs: 0 },
    isolation: { ...entity.isolation, tools: { hash: 'h1', changes: [] } },
  };
}

const listed = (entity: EntityState, foundHash: string, changes: ToolChange[]): EntityState => {
  const finding: SessionFinding = { ...OWNER, about: 'tools', foundHash, changes };
  return sessionFound(entity, finding, NOW);
};

test.each<[StdioSpec['toolChanges'], ToolChange[], EntityState['state'], string]>([
  ['quarantine-tool', CHANGED, 'RUNNING', 'h1'],
  ['quarantine-server', CHANGED, 'QUARANTINED', 'h1'],
  ['quarantine-server', ADDED, 'RUNNING', 'h1'],
  ['allow', CHANGED, 'RUNNING', 'h2'],
])('with %s and %j it is %s and goes by %s', (toolChanges, changes, state, hash) => {
  const found = listed(running({ toolChanges }), 'h2', changes);
  expect(found.state).toBe(state);
  expect(found.isolation.tools?.hash).toBe(hash);
  expect(found.transitions.at(-1)?.reason).toContain(changes[0]?.tool);
});

test('approval, and nothing else than the approved tools, end the quarantine of a server', () => {
  const found = listed(running({ toolChanges: 'quarantine-server' }), 'h2', CHANGED);
  const approved = ordered(found, { order: 'approve', toolsHash: 'h2' }, { actor: 'ann' }, NOW);
  expect(approved.isolation).toMatchObject({ tools: { hash: 'h2', changes: [] } });
  const again = listed(found, 'h1', []);
  for (const entity of [approved, again]) {
    expect(entity.isolation.quarantine).toBeUndefined();
    expect(entity.state).not.toBe('QUARANTINED');
  }
  expect(again.transitions.at(-1)?.reason).toBe('tools match the approved ones again');
});

test('notes once that a tool matches the approved one again', () => {
  const again = listed(listed(running(), 'h2', CHANGED), 'h1', []);
  const reasons = listed(again, 'h1', []).transitions.map(({ reason }) => reason);
  expect(reasons).toEqual([
    'tools differ from the approved ones: read changed',
    'tools match the approved ones again',
  ]);
});

test('each quarantine for errors is twice as long, until a success', () => {
  const errors: SessionFinding = { ...OWNER, about: 'errors', reason: 'x' };
  const failed: SessionFinding = { ...OWNER, about: 'probe', passed: false, reason: 'x' };
  const passed: SessionFinding = { ...OWNER, about: 'probe', passed: true, reason: 'x' };
  const success: SessionFinding = { ...OWNER, about: 'success' };
  const lengths: (number | undefined)[] = [];
  [errors, failed, failed, passed, errors, passed, success, errors].reduce((entity, finding) => {
    const next = sessionFound(entity, finding, NOW);
    const { untilMs } = next.isolation.quarantine ?? {};
    lengths.push(untilMs && untilMs - NOW);
    return next;
  }, running());
  const seconds = lengths.map((ms) => ms && ms / 1_000);
  expect(seconds).toEqual([30, 60, 120, undefined, 240, undefined, undefined, 30]);
});
