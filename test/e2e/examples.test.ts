import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY, startInstance } from './instance';

const example = (name: string) => path.join(REPOSITORY, 'examples', name);

test('the quickstart servers run, and the client script finds that a key runs once', async () => {
  const { home, client } = await startInstance({ config: example('quickstart.json') });
  const servers = await client.servers.list();
  expect(servers.map(({ name, state }) => [name, state])).toEqual([
    ['everything', 'RUNNING'],
    ['files', 'RUNNING'],
  ]);

  const { stdout } = await promisify(execFile)(process.execPath, [example('durable-call.js')], {
    env: { ...process.env, MAINSPRING_HOME: home },
  });
  expect(stdout).toContain('Ran once: call/everything/');
});

test('the files server serves the sample folder', async () => {
  const { client } = await startInstance({ config: example('quickstart.json') });
  const call = await client.callTool('files', 'read_text_file', { path: 'planets.csv' });
  expect(call).toMatchObject({ outcome: 'ok' });
  expect(JSON.stringify(call.result)).toContain('Saturn');
});
