import { setTimeout as delay } from 'node:timers/promises';
import { MainspringError } from '../../base/errors';
import { type ProcessSpec } from '../../domain/spec';
import { captureLines } from '../../process/capture';
import { ownContainer } from '../../process/container';
import { groupMarks } from '../../process/group-records';
import { type ServerLog } from '../../process/log-file';
import { observeStop, type ObservedStop } from '../../process/observed-stop';
import { type ExitStatus, type ProcessGroup, spawnGroup } from '../../process/spawn';
import { killGroup, stopGroup } from '../../process/stop';

/** The pipes of a process close a moment before its exit is known. */
const EXIT_NOTICE_MS = 250;
/**
 * Time after an exit for the last output to arrive. It is only used up if a grandchild holds the
 * pipe.
 */
const DRAIN_MS = 100;

export interface OwnedProcess {
  readonly group: ProcessGroup;
  /** Resolves with the reason when the leader has exited and no process of its group is left. */
  readonly gone: Promise<MainspringError>;
  readonly exitStatus: ExitStatus | undefined;
  stop(graceMs: number): Promise<void>;
  /** Stops it step by step and resolves with the steps it took. */
  observeStop(graceMs: number): Promise<ObservedStop>;
  kill(): Promise<void>;
}

interface ProcessOwner {
  hostId: string;
  server: string;
  log: ServerLog;
  /**
   * Folder for the records by which containers are ended; without it, containers are not tracked.
   */
  containers?: string | undefined;
  onSpawn?: (pgid: number) => void;
  onGone?: (pgid: number) => void;
}

/** Starts the program of a server, logs its stderr, and cleans up however it ends. */
export async function startOwned(spec: ProcessSpec, owner: ProcessOwner): Promise<OwnedProcess> {
  const container = owner.containers ? ownContainer(spec, owner.containers) : undefined;
  const group = await spawnGroup({
    ...spec,
    args: container?.args ?? spec.args,
    env: { ...spec.env, ...groupMarks(owner.hostId, owner.server) },
    onSpawn: owner.onSpawn,
  });
  const capture = captureLines(group.stderr, owner.log);
  let exitStatus: ExitStatus | undefined;
  let stopping: Promise<unknown> | undefined;
  let isGone = false;
  const gone = group.exited.then(async (status) => {
    exitStatus = status;
    await Promise.race([outputEnded(group), delay(DRAIN_MS, undefined, { ref: false })]);
    // During a stop the other processes of the group get the same grace period as the leader, which
    // may be only a wrapper.
    await (stopping ?? killGroup(group.pid));
    await container?.end();
    isGone = true;
    owner.onGone?.(group.pid);
    return exitedError(owner.server, status, capture.lastLines());
  });
  return {
    group,
    gone,
    get exitStatus() {
      return exitStatus;
    },
    // Once the group is gone, its ID may be reused.
    async stop(graceMs) {
      if (!isGone) await (stopping ??= stopGroup(group, { graceMs }));
      await gone;
    },
    async observeStop(graceMs) {
      const observed = observeStop(group, graceMs);
      stopping ??= observed;
      const stop = await observed;
      await gone;
      return stop;
    },
    async kill() {
      if (!isGone) await killGroup(group.pid);
      await gone;
    },
  };
}

/**
 * Resolves with the exit of the process if it has just exited, because that explains other errors.
 */
export async function orExit<E>(
  reason: E,
  owned: OwnedProcess | undefined,
): Promise<E | MainspringError> {
  if (owned === undefined) return reason;
  const noExit = delay(EXIT_NOTICE_MS, reason, { ref: false });
  return Promise.race([owned.gone, noExit]);
}

/** stderr has the reason, stdout perhaps a last answer. */
async function outputEnded({ stdout, stderr }: ProcessGroup): Promise<void> {
  await Promise.all(
    [stdout, stderr].map(async (stream) => {
      if (!stream.readableEnded && !stream.destroyed) {
        await new Promise((resolve) => stream.once('close', resolve));
      }
    }),
  );
}

function exitedError(
  server: string,
  { code, signal }: ExitStatus,
  lastLines: string[],
): MainspringError {
  const how = signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
  const output = lastLines.length > 0 ? `; its last output:\n${lastLines.join('\n')}` : '';
  return new MainspringError('SERVER_EXITED', `"${server}" ${how}${output}`);
}
