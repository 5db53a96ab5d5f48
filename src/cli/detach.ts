import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readInstance } from '../client/instance';
import { type Settings } from '../config';
import { MainspringError } from '../domain/errors';
import { type CommandContext } from './command';
import { EXIT } from './exit-codes';
import { infoOf, renderInfo } from './info-text';

const POLL_MS = 50;

/** Starts the same command in the background and waits until it is up. What it prints goes to a log. */
export async function detach(
  { output, interrupted }: CommandContext,
  { home }: Settings,
): Promise<number> {
  const running = await readInstance(home);
  if (running) {
    const message = `Mainspring runs already on ${home} (pid ${running.owner.pid}).`;
    throw new MainspringError('ALREADY_RUNNING', message);
  }
  const { ensureHome } = await import('../config.js');
  await ensureHome(home);
  const logFile = path.join(home, 'logs', 'up.log');
  mkdirSync(path.dirname(logFile), { recursive: true, mode: 0o700 });
  const offset = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  const log = openSync(logFile, 'a', 0o600);
  const args = process.argv.slice(1).filter((arg) => arg !== '--detach' && arg !== '--json');
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  let exited: string | undefined;
  child.once('exit', (code, signal) => (exited = signal ?? `code ${code}`));
  interrupted.addEventListener('abort', () => child.kill('SIGTERM'));
  const spinner = output.spin('Starting in the background …');
  try {
    for (;;) {
      const instance = await readInstance(home);
      if (instance?.isReady && instance.owner.pid === child.pid) {
        spinner.stop();
        output.answer(infoOf(home, instance), renderInfo(home, instance));
        return EXIT.ok;
      }
      if (exited !== undefined) throw startFailed(exited, logFile, offset);
      await sleep(POLL_MS);
    }
  } finally {
    spinner.stop();
  }
}

function startFailed(how: string, logFile: string, offset: number): MainspringError {
  const said = readFileSync(logFile).subarray(offset).toString('utf8').trim();
  return new MainspringError('START_FAILED', `It ended (${how}):\n${said}`, {
    fix: `Read ${logFile}.`,
  });
}
