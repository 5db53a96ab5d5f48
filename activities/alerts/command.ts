import { finished } from 'node:stream/promises';
import { type Alert, type AlertChannel } from '../../src/domain/alerts/alerts';
import { MAX_LOG_LINE_BYTES, STDERR_LINES_IN_ERRORS } from '../../src/domain/limits';
import { splitLines } from '../../src/process/lines';
import { type ProcessGroup, spawnGroup } from '../../src/process/spawn';
import { killGroup } from '../../src/process/stop';
import { type Attempt } from './attempt';

type CommandChannel = Extract<AlertChannel, { kind: 'command' }>;

/** Runs a command with an alert as JSON on stdin and in variables. Exit code 0 means received. */
export async function runAlertCommand(
  { command, args, env, cwd, timeoutMs }: CommandChannel,
  alert: Alert,
): Promise<Attempt> {
  const group = await spawnGroup({ command, args, cwd, env: { ...env, ...variablesOf(alert) } });
  const lastLines = lastLinesOf(group);
  group.stdin.on('error', () => undefined); // a command need not read it
  group.stdin.end(`${JSON.stringify(alert)}\n`);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void killGroup(group.pid);
  }, timeoutMs);
  const { code, signal } = await group.exited.finally(() => clearTimeout(timer));
  await killGroup(group.pid); // processes that it left behind
  if (code === 0) return { delivered: true, how: 'exit code 0' };
  const how = isLate
    ? `took longer than ${timeoutMs} ms`
    : `exited with ${signal ?? `code ${code}`}`;
  return {
    delivered: false,
    why: [`the command ${how}`, ...lastLines()].join('\n  '),
    again: true,
  };
}

/** `MAINSPRING_ALERT_KIND`, `…_SERVER` and so on, for commands that read no JSON. */
function variablesOf(alert: Alert): Record<string, string> {
  const { id, kind, server, atMs, text, reason, from, to, healthFrom, healthTo } = alert;
  const values = {
    ID: id,
    KIND: kind,
    SERVER: server,
    TEXT: text,
    REASON: reason,
    TIME: new Date(atMs).toISOString(),
    FROM: from,
    TO: to,
    HEALTH_FROM: healthFrom,
    HEALTH_TO: healthTo,
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`MAINSPRING_ALERT_${name}`, value ?? '']),
  );
}

function lastLinesOf({ stdout, stderr }: ProcessGroup): () => string[] {
  const last: string[] = [];
  const onLine = (line: string) => {
    last.push(line);
    if (last.length > STDERR_LINES_IN_ERRORS) last.shift();
  };
  const lines = splitLines({ maxBytes: MAX_LOG_LINE_BYTES, onLine, onTooLong: 'cut' });
  stdout.resume(); // unread, it would stop the command when its pipe is full
  stderr.on('data', (chunk: Buffer) => lines.write(chunk));
  const end = () => lines.end();
  void finished(stderr).then(end, end);
  return () => last;
}
