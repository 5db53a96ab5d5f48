import { Command } from 'commander';
import { COMMANDS } from '../../../src/cli/commands';
import { namedServer } from '../../../src/cli/options/named-server';

/** The server that an error of this command line is said to be about. */
async function serverOf(line: string): Promise<string | undefined> {
  const [name = '', ...args] = line.split(' ');
  const command = new Command(name);
  const module = await COMMANDS[name]?.load();
  module?.define(command, async () => undefined);
  let server: string | undefined;
  command.hook('preAction', (_, called) => {
    server = namedServer(called);
  });
  await command.parseAsync(args, { from: 'user' });
  return server;
}

it.each([
  ...['restart files', 'start files', 'status files', 'health files', 'calls files'],
  ...['reload files', 'logs files', 'events files', 'validate files', 'upgrade files'],
  ...['call files read', 'remove files', 'install files', 'release files', 'login files'],
])('%s is about a server', async (line) => {
  expect(await serverOf(line)).toBe('files');
});

it.each(['restart files git', 'restart --all', 'list', 'templates files', 'result call/files/1'])(
  '%s is about no server alone',
  async (line) => {
    expect(await serverOf(line)).toBeUndefined();
  },
);
