import { spawn } from 'node:child_process';
import { z } from 'zod';
import { isErrorCode, MainspringError } from '../../base/errors';

const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), fix: z.string() }),
});

/** Starts an instance in the background, as `up --detach` does, and resolves when it is up. */
export async function startInstanceInBackground(home: string): Promise<void> {
  const [, program = ''] = process.argv;
  const args = [program, 'up', '--detach', '--json', '--home', home];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw whyNot(said, code);
}

/** Returns its error: it prints one document. */
function whyNot(said: string, code: number | null): MainspringError {
  const answer = errorSchema.safeParse(parsed(said));
  if (!answer.success) {
    return new MainspringError('START_FAILED', `"mainspring up" failed with exit code ${code}.`);
  }
  const { code: reason, message, fix } = answer.data.error;
  return new MainspringError(isErrorCode(reason) ? reason : 'START_FAILED', message, { fix });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
