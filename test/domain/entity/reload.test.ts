import { type EntityState, newEntity } from '../../../src/domain/entity/entity';
import { startRequested } from '../../../src/domain/entity/entity-commands';
import {
  sessionExited,
  sessionReady,
  sessionStarted,
} from '../../../src/domain/entity/entity-session';
import { planReload, type ReloadPlan } from '../../../src/domain/entity/reload';
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS } from '../../../src/domain/spec';
import { CRASHED, readyOf, restartPolicy, signedSpec, stdioSpec } from '../samples';
import { type SignedSpec } from '../../../src/domain/trust/signed-spec';

const stopped = newEntity('files', signedSpec(), 'run', 0);
const starting = sessionStarted(startRequested(stopped, { actor: 'anna' }, 1), 2);
const running = sessionReady(starting, readyOf(1), 3);
const failed = sessionExited(starting, { generation: 1, kind: 'failed', error: CRASHED }, 4, 0.5);
const disabled: EntityState = { ...stopped, signed: signedSpec({ enabled: false }) };

const otherArgs = { process: { ...stdioSpec().process, args: ['--new'] } };
const http: SignedSpec = {
  spec: {
    ...stdioSpec(),
    type: 'http',
    remote: { url: 'http://127.0.0.1:1/mcp', headers: {} },
    process: undefined,
  },
  signature: 'any',
};

test.each<[string, EntityState, SignedSpec | null, ReloadPlan['do']]>([
  ['gone from the inventory', running, null, 'remove'],
  ['unchanged', running, signedSpec(), 'nothing'],
  ['unchanged, signed anew', running, { ...signedSpec(), signature: 'another' }, 'nothing'],
  ['tags of a running server', running, signedSpec({ tags: ['new'] }), 'keep-running'],
  ['autostart of a running server', running, signedSpec({ autostart: false }), 'keep-running'],
  ['disabled while running', running, signedSpec({ enabled: false }), 'stop'],
  ['disabled while starting', starting, signedSpec({ enabled: false }), 'stop'],
  ['disabled and changed', running, signedSpec({ enabled: false, ...otherArgs }), 'stop'],
  ['disabled while stopped', stopped, signedSpec({ enabled: false }), 'keep-running'],
  ['enabled again', disabled, signedSpec(), 'keep-running'],
  ['arguments of a running server', running, signedSpec(otherArgs), 'replace-child'],
  [
    'restart policy',
    running,
    signedSpec({ restart: restartPolicy({ maxRestarts: 9 }) }),
    'replace-child',
  ],
  ['arguments of a starting server', starting, signedSpec(otherArgs), 'new-generation'],
  ['arguments of a stopped server', stopped, signedSpec(otherArgs), 'keep-running'],
  ['arguments of a failed server', failed, signedSpec(otherArgs), 'new-generation'],
  ['tags of a failed server', failed, signedSpec({ tags: ['new'] }), 'keep-running'],
  [
    'changed and disabled after it failed',
    failed,
    signedSpec({ enabled: false, ...otherArgs }),
    'keep-running',
  ],
  ['another transport', running, http, 'new-generation'],
  [
    'the silence after which a host is lost',
    running,
    signedSpec({ timeouts: { ...DEFAULT_TIMEOUTS, hostMs: 9_000 } }),
    'new-generation',
  ],
  [
    'the calls that run at once',
    running,
    signedSpec({ limits: { ...DEFAULT_LIMITS, concurrentCalls: 7 } }),
    'new-generation',
  ],
  [
    'another timeout',
    running,
    signedSpec({ timeouts: { ...DEFAULT_TIMEOUTS, callMs: 9_000 } }),
    'replace-child',
  ],
])('%s', (_what, entity, loaded, expected) => {
  expect(planReload(entity, loaded).do).toBe(expected);
});

test('a plan has a reason', () => {
  expect(planReload(running, null).reason).toBe('no longer in the inventory');
  expect(planReload(failed, signedSpec(otherArgs)).reason).toBe('spec corrected');
  expect(planReload(disabled, signedSpec()).reason).toBe('enabled');
});
