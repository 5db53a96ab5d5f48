import { newEntity } from '../../../src/domain/entity/entity';
import { startRequested, stopRequested } from '../../../src/domain/entity/entity-commands';
import { nextStep } from '../../../src/domain/entity/entity-step';
import { installEnded, installStarted } from '../../../src/domain/entity/entity-install';
import { CRASHED, pinnedSpec, programSpec, signedSpec } from '../samples';

const NOW = 1_000;
const signed = signedSpec(programSpec('files'));
const pin = { name: 'thing', version: '1.0.0', integrity: 'sha512-x', allowScripts: [] };
const pinned = pinnedSpec(signed, pin);

const stopped = newEntity('files', signed, 'run', NOW);
const started = startRequested(stopped, { actor: 'anna' }, NOW);
const installing = installStarted(
  started,
  { id: 'mcp-install/files/x', signature: signed.signature },
  'npm thing@latest',
  NOW,
);

test.each([
  ['a stopped server installs nothing', stopped, 'wait'],
  ['a started one installs first', started, 'install'],
  ['and waits for that', installing, 'wait'],
  [
    'until it was stopped',
    stopRequested(installing, { actor: 'anna' }, 'stop', NOW),
    'cancel-install',
  ],
  [
    'or its spec names something else',
    { ...installing, signed: signedSpec(programSpec('files', { args: ['other'] })) },
    'cancel-install',
  ],
  ['what is pinned just starts', { ...started, signed: pinned }, 'start-session'],
])('%s', (_what, entity, step) => {
  expect(nextStep(entity, NOW).do).toBe(step);
});

test('starts a server whose program was installed', () => {
  const next = installEnded(installing, { id: 'mcp-install/files/x', signed: pinned }, NOW);
  expect(next).toMatchObject({
    state: 'STARTING',
    signed: pinned,
    reason: 'installation complete',
  });
  expect(next.install).toBeUndefined();
  expect(nextStep(next, NOW).do).toBe('start-session');
});

test('a failure ends in ERROR, and is not tried again by itself', () => {
  const next = installEnded(installing, { id: 'mcp-install/files/x', error: CRASHED }, NOW);
  expect(next).toMatchObject({ state: 'ERROR', desired: 'stopped', error: CRASHED });
  expect(nextStep(next, NOW).do).toBe('wait');
});

test('ignores the end of an installation that the entity does not wait for', () => {
  const ended = { id: 'mcp-install/files/other', signed: pinned };
  expect(installEnded(installing, ended, NOW)).toBe(installing);
  expect(installEnded(stopped, ended, NOW)).toBe(stopped);
});
