import { execFile } from 'node:child_process';

/** No answer that a probe asks for is longer. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

export interface ProbeResult {
  /** Exited with 0. */
  ok: boolean;
  stdout: string;
  /** Why not, in one line; empty when `ok`. */
  reason: string;
}

/** Runs a program for what it says of itself; one that hangs is killed. Never throws. */
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
