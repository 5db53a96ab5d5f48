import { serverStatus } from '../../../src/client/servers/server-status';
import { newEntity } from '../../../src/domain/entity/entity';
import { startRequested } from '../../../src/domain/entity/entity-commands';
import { sessionReady, sessionStarted } from '../../../src/domain/entity/entity-session';
import { snapshotOf } from '../../../src/domain/messages';
import { type SessionView } from '../../../src/domain/servers/observation';
import { ownerOf, readyOf, signedSpec } from '../../domain/samples';

const asked = startRequested(newEntity('files', signedSpec(), 'run', 0), { actor: 'anna' }, 1);
const ready = readyOf(1);

test('a server that has only told of changed tools is up as long as before', () => {
  const up = sessionReady(sessionStarted(asked, 2), ready, 3);
  const changed = sessionReady(up, { ...ready, reason: 'tools changed' }, 90_000);
  const view: SessionView = {
    ...{ phase: 'owned', attempt: 1, lastHeartbeatAtMs: 100_000 },
    heartbeat: {
      ...{ ...ownerOf(1), pid: ready.pid, restarts: 0, inFlight: 0, health: 'HEALTHY' },
      upSinceMs: 3,
    },
  };
  const record = {
    origin: 'cli',
    entry: { command: 'x' },
    baseDir: '/',
    addedAtMs: 0,
    meta: {},
  } as const;
  const known = { name: 'files', record, snapshot: snapshotOf(changed), view, nowMs: 100_003 };
  expect(serverStatus(known)).toMatchObject({ uptimeMs: 100_000, retrying: 0, command: 'x' });
  const brought = { ...record, broughtFrom: '/etc/mcp_servers.json' };
  expect(serverStatus({ ...known, record: brought }).origin).toBe('/etc/mcp_servers.json');
});
