import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../src/base/package-root';
import { type CallerPlan } from './caller';
import { Kept } from './kept';

const program = path.join(packageRoot(), 'dist', 'benchmarks', 'chaos', 'caller.js');

export interface Caller {
  process: Kept;
  /** Milliseconds from now until the caller has recorded the next outcome; NaN when it ends without one. */
  timeToOutcome(): Promise<number>;
}

/** Starts the API client of the run; it is restarted when it is killed, until every call has an outcome. */
export function startCaller(plan: CallerPlan): Caller {
  const planFile = path.join(plan.home, 'caller.json');
  writeFileSync(planFile, JSON.stringify(plan));
  const outcomes = new EventEmitter();
  const kept = new Kept(() => {
    const log = openSync(path.join(plan.home, 'logs', 'caller.log'), 'a', 0o600);
    const child = spawn(process.execPath, [program, planFile], {
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    child.on('message', () => outcomes.emit('outcome'));
    return child;
  });
  return {
    process: kept,
    async timeToOutcome() {
      const startedAt = performance.now();
      const next = once(outcomes, 'outcome').then(() => performance.now() - startedAt);
      return Promise.race([next, kept.ended.then(() => Number.NaN)]);
    },
  };
}
