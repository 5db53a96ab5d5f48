import { execFile } from 'node:child_process';

/** Upper limit of the output; no probe needs more. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

export interface ProbeResult {
  /** Whether it exited with code 0. */
  ok: boolean;
  stdout: string;
  /** Cause of the failure, in one line; empty when `ok`. */
  reason: string;
}

/** Runs a program for its output; kills it when it hangs. Never throws. */
export function runProbe(
  file: string,
  args: string[],
  { env, timeoutMs }: { env: NodeJS.ProcessEnv; timeoutMs: number },
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const options = {
      env,
      timeout: timeoutMs,
      killSignal: 'SIGKILL' as const,
      maxBuffer: MAX_OUTPUT_BYTES,
      windowsHide: true,
    };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve({ ok: true, stdout, reason: '' });
      const reason = child.killed
        ? `no answer within ${timeoutMs / 1_000} s`
        : firstLine(stderr) || firstLine(error.message);
      resolve({ ok: false, stdout, reason });
    });
    child.stdin?.end();
  });
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1).join('');
}
