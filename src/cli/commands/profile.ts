import { Argument } from 'commander';
import { MainspringError } from '../../base/errors';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { renderTable } from '../text/table';
import { visible } from '../text/visible';

const ACTIONS = ['list', 'show'] as const;
type ActionName = (typeof ACTIONS)[number];

export const define: Define = (command, run) =>
  withExample(command, 'mainspring profile show support')
    .addArgument(new Argument('<action>', 'Action').choices(ACTIONS))
    .argument('[name]', 'Name of the profile (show)')
    .action((action: ActionName, name: string | undefined, options: GlobalOptions) =>
      run(options, (context) =>
        action === 'list' ? listProfiles(context) : showProfile(context, name),
      ),
    );

async function listProfiles({ output, settings }: CommandContext): Promise<number> {
  const { Profiles } = await import('../../offline/profiles.js');
  const profiles = await new Profiles(settings().home).list();
  const rows = Object.entries(profiles).map(([name, { servers, tools, origin }]) => [
    ...[name, servers.join(', '), tools?.join(', ') ?? 'all', origin ?? 'agent file'].map(visible),
  ]);
  const none = 'No profiles yet. Add "profiles" to a config file (see docs/profiles.md).';
  const text = renderTable(['Profile', 'Servers', 'Tools', 'From'], rows, output.fancy);
  output.answer(profiles, rows.length > 0 ? text : none);
  return EXIT.ok;
}

async function showProfile(
  { output, withClient }: CommandContext,
  name: string | undefined,
): Promise<number> {
  if (name === undefined) {
    throw new MainspringError('WRONG_USAGE', 'Missing argument: mainspring profile show <name>');
  }
  return withClient(async (client) => {
    const [{ profileContent: profileExposure }, { profileText }] = await Promise.all([
      import('../../client/listings/profile-content.js'),
      import('../text/profile-text.js'),
    ]);
    const exposure = await profileExposure(client, name);
    const rules = await client.profiles.get(name);
    const { servers, ...shown } = exposure;
    const answer = { name, servers: servers.map(({ server }) => server), ...shown };
    output.answer(answer, profileText(name, rules, exposure, output.fancy));
    return EXIT.ok;
  });
}
