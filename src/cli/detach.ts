import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Settings } from '../config';
import { isErrorCode, MainspringError } from '../domain/errors';
import { type CommandContext } from './command';
import { EXIT } from './exit-codes';
import { infoOf, renderInfo } from './info-text';
import { tellLegacy } from './tell-legacy';

const POLL_MS = 50;

/** Starts the same command in the background and waits until it is up. What it prints goes to a log. */
export async function detach(
  { output, interrupted }: CommandContext,
  { home }: Settings,
  configs: readonly string[],
): Promise<number> {
  const { readInstance } = await import('../client/instance.js');
  const running = await readInstance(home);
  if (running) {
    const message = `Mainspring runs already on ${home} (pid ${running.owner.pid}).`;
    throw new MainspringError('ALREADY_RUNNING', message);
  }
  const { configWarnings, readConfigFiles } = await import('../client/origins.js');
  const warnings = configWarnings(await readConfigFiles(configs));
  for (const warning of warnings) output.progress(`Warning: ${warning}`);
  const { ensureHome } = await import('../config.js');
  await ensureHome(home);
  const logFile = path.join(home, 'logs', 'up.log');
  mkdirSync(path.dirname(logFile), { recursive: true, mode: 0o700 });
  const offset = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  const child = startInBackground(logFile);
  let exited: string | undefined;
  child.once('exit', (code, signal) => (exited = signal ?? `code ${code}`));
  interrupted.addEventListener('abort', () => child.kill('SIGTERM'));
  output.spin('Starting in the background …');
  for (;;) {
    const instance = await readInstance(home);
    if (instance?.isReady && instance.owner.pid === child.pid && !interrupted.aborted) {
      output.answer(infoOf(home, instance), renderInfo(home, instance));
      await tellLegacy(output, home);
      return EXIT.ok;
    }
    if (exited !== undefined) throw whyItEnded(exited, logFile, offset);
    await sleep(POLL_MS);
  }
}

function startInBackground(logFile: string): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  const args = process.argv.slice(1).filter((arg) => arg !== '--detach' && arg !== '--json');
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  return child;
}

/** The error that it reported at the end of its log, or all that it said. */
function whyItEnded(how: string, logFile: string, offset: number): MainspringError {
  const said = readFileSync(logFile).subarray(offset).toString('utf8').trim();
  const [, code, report = ''] = /^Error \[(\w+)\] (.*)/ms.exec(said) ?? [];
  const [message = '', fix] = report.split('\nTry: ');
  if (isErrorCode(code)) return new MainspringError(code, message, { fix });
  return new MainspringError('START_FAILED', `It ended (${how}):\n${said}`, {
    fix: `Read ${logFile}.`,
  });
}
