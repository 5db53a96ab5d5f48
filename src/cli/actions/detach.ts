import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Instance } from '../../offline/instance';
import { type Settings } from '../../config';
import { isErrorCode, MainspringError } from '../../base/errors';
import { type CommandContext } from '../command';
import { EXIT } from '../exit-codes';
import { infoOf, renderInfo } from '../text/info-text';
import { type Output } from '../terminal/output';
import { applyConfigs } from './apply-configs';
import { mentionLegacyConfig } from './mention-legacy-config';

const POLL_MS = 50;

/**
 * Starts the same command in the background and waits until it is up. Its output goes to a log. An instance that is
 * already running gets the configs instead.
 */
export async function detach(
  context: CommandContext,
  { home }: Settings,
  configs: readonly string[],
): Promise<number> {
  const { output, interrupted } = context;
  const { readInstance } = await import('../../offline/instance.js');
  if (await readInstance(home)) return joinInstance(context, home, configs);
  const { ensureHome } = await import('../../config.js');
  await ensureHome(home);
  const logFile = path.join(home, 'logs', 'up.log');
  mkdirSync(path.dirname(logFile), { recursive: true, mode: 0o700 });
  const offset = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  const child = startInBackground(logFile);
  let exited: string | undefined;
  child.once('exit', (code, signal) => (exited = signal ?? `exit code ${code}`));
  interrupted.addEventListener('abort', () => child.kill('SIGTERM'));
  output.spin('Starting in the background…');
  for (;;) {
    const instance = await readInstance(home);
    if (instance?.isReady && instance.owner.pid === child.pid && !interrupted.aborted) {
      for (const warning of warningsIn(logFile, offset)) output.progress(warning);
      return printInstance(output, home, instance);
    }
    if (exited !== undefined) {
      const why = whyItEnded(exited, logFile, offset);
      // Another one was started at the same moment.
      if (why.code === 'ALREADY_RUNNING' && instance) return joinInstance(context, home, configs);
      throw why;
    }
    await sleep(POLL_MS);
  }
}

async function joinInstance(
  context: CommandContext,
  home: string,
  configs: readonly string[],
): Promise<number> {
  const { output } = context;
  const { readConfigFiles } = await import('../../offline/origins.js');
  const files = await readConfigFiles(configs);
  output.spin('Mainspring is already starting…');
  const instance = await untilReady(home, context.interrupted);
  output.progress(`Mainspring is already running on ${home} (pid ${instance.owner.pid}).`);
  if (files.length > 0) await applyConfigs(context, files);
  return printInstance(output, home, instance);
}

async function untilReady(home: string, interrupted: AbortSignal): Promise<Instance> {
  const { runningInstance } = await import('../../offline/instance.js');
  for (;;) {
    if (interrupted.aborted) throw new MainspringError('COMMAND_INTERRUPTED', 'Interrupted.');
    const instance = await runningInstance(home);
    if (instance.isReady) return instance;
    await sleep(POLL_MS);
  }
}

async function printInstance(output: Output, home: string, instance: Instance): Promise<number> {
  const info = await infoOf(home, instance);
  output.answer(info, renderInfo(info));
  await mentionLegacyConfig(output, home);
  return EXIT.ok;
}

function startInBackground(logFile: string): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  const args = process.argv.slice(1).filter((arg) => arg !== '--detach' && arg !== '--json');
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  return child;
}

/** Returns its warnings about the configs: who started it does not look into its log. */
function warningsIn(logFile: string, offset: number): string[] {
  return saidIn(logFile, offset)
    .split('\n')
    .filter((line) => line.startsWith('Warning: '));
}

function saidIn(logFile: string, offset: number): string {
  return readFileSync(logFile).subarray(offset).toString('utf8').trim();
}

/** Returns the error that it reported at the end of its log, or its whole output. */
function whyItEnded(how: string, logFile: string, offset: number): MainspringError {
  const said = saidIn(logFile, offset);
  const [, code, report = ''] = /^Error \[(\w+)\] (.*)/ms.exec(said) ?? [];
  const [message = '', fix] = report.split('\nTry: ');
  if (isErrorCode(code)) return new MainspringError(code, message, { fix });
  return new MainspringError('START_FAILED', `Mainspring exited (${how}):\n${said}`, {
    fix: `Read the log: ${logFile}.`,
  });
}
