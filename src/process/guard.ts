import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Kills the listed groups when its stdin ends, which the kernel does however the host dies. Before that it gives them
 * $1 seconds to end by themselves. Then it runs the scripts that end the containers of the host, in the folder $2, if
 * there is one. It ignores every signal that a terminal or a supervisor sends to the host's group. `kill -9 -PGID` is
 * the one spelling that dash, bash and busybox share.
 */
const GUARD_SCRIPT = `
trap '' TERM INT HUP QUIT PIPE
groups=' ' seconds=$1
while read -r line; do
  group=\${line#?}
  case $line in
    +*) groups="$groups$group " ;;
    -*) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
while [ $seconds -gt 0 ] && [ "$groups" != ' ' ]; do
  sleep 1
  seconds=$((seconds - 1)) left=' '
  for group in $groups; do kill -0 "-$group" 2>/dev/null && left="$left$group "; done
  groups=$left
done
for group in $groups; do kill -9 "-$group" 2>/dev/null; done
[ -n "$2" ] || exit 0
for script in "$2"/*.sh; do [ -f "$script" ] && sh "$script" & done
wait
`;

/** Process that outlives this one just long enough to kill its process groups. */
export interface Guard {
  /** Process ID of the guard itself. */
  readonly pid: number | undefined;
  /** Makes this group die with this process. */
  watch(pgid: number): void;
  /** Forgets a group that is gone, before its ID can be reused. */
  release(pgid: number): void;
  /** Kills the groups that are still watched, and ends the guard. */
  close(): Promise<void>;
}

/**
 * Starts the guard; if it dies itself, it is started again with the same groups.
 *
 * @param graceS - seconds that groups get to end by themselves when this process has died. A group that is gone is
 * forgotten within a second, so that its ID does not belong to another one when the time is over
 * @param containers - folder with the scripts that end the containers of this process (container.ts)
 */
export function startGuard({
  graceS = 0,
  containers = '',
}: { graceS?: number; containers?: string } = {}): Guard {
  const groups = new Set<number>();
  let closing: Promise<unknown> | undefined;
  let child = launch();

  function launch(): ChildProcess {
    const args = ['-c', GUARD_SCRIPT, 'mainspring-guard', String(graceS), containers];
    const started = spawn('/bin/sh', args, {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // A guard must not keep its host running.
    started.unref();
    started.stdin?.on('error', () => undefined); // it died; 'exit' follows
    started.once('exit', () => {
      if (!closing) child = launch();
    });
    for (const pgid of groups) sendLine(started, `+${pgid}`);
    return started;
  }

  return {
    get pid() {
      return child.pid;
    },
    watch(pgid) {
      groups.add(pgid);
      sendLine(child, `+${pgid}`);
    },
    release(pgid) {
      if (groups.delete(pgid)) sendLine(child, `-${pgid}`);
    },
    async close() {
      closing ??= once(child, 'exit');
      child.ref(); // or a process with nothing else to do would exit while it waits
      child.stdin?.end();
      await closing;
    },
  };
}

/** Sends a line to the guard. The pipe takes so few bytes synchronously: the guard has them when this returns. */
function sendLine(guard: ChildProcess, line: string): void {
  guard.stdin?.write(`${line}\n`);
}
