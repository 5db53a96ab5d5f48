import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { runAlertCommand } from '../../../activities/alerts/command';
import { type Alert } from '../../../src/domain/alerts/alerts';
import { useTemporaryFolder } from '../../temporary-folder';

const folder = useTemporaryFolder();
const alert: Alert = {
  ...{ id: 'run/1', kind: 'critical', server: 'files', tags: [], atMs: 0, reason: 'it exited' },
  ...{ text: 'critical: files', actor: 'mainspring', from: 'RUNNING', to: 'ERROR' },
};

const run = (script: string, timeoutMs = 10_000) =>
  runAlertCommand(
    {
      ...{ kind: 'command', command: 'sh', args: ['-c', script], cwd: folder(), timeoutMs },
      env: { WHO: 'ops' },
    },
    alert,
  );

it('tells a command on stdin and in variables', async () => {
  const script =
    'cat > got; echo "$WHO $MAINSPRING_ALERT_KIND $MAINSPRING_ALERT_SERVER $MAINSPRING_ALERT_TO" > variables';
  expect(await run(script)).toEqual({ delivered: true, how: 'exit code 0' });
  expect(JSON.parse(await readFile(path.join(folder(), 'got'), 'utf8'))).toEqual(alert);
  const variables = await readFile(path.join(folder(), 'variables'), 'utf8');
  expect(variables).toBe('ops critical files ERROR\n');
});

it('tries a command again that fails, and says what it said last', async () => {
  const attempt = await run('echo no network >&2; exit 3');
  expect(attempt).toMatchObject({ delivered: false, again: true });
  expect(attempt).toHaveProperty('why', 'the command exited with code 3\n  no network');
});

it('ends a command that takes too long, with all that it has started', async () => {
  const attempt = await run('sleep 600 & sleep 600', 100);
  expect(attempt).toMatchObject({ delivered: false, again: true });
  expect(attempt).toHaveProperty('why', expect.stringContaining('longer than 100 ms'));
});
