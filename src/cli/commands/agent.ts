import { Argument } from 'commander';
import { type Profile } from '../../offline/profiles';
import { MainspringError } from '../../base/errors';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { renderTable } from '../text/table';

const ACTIONS = ['add', 'list', 'show', 'remove'] as const;
type ActionName = (typeof ACTIONS)[number];

interface AgentOptions extends GlobalOptions {
  yes?: boolean;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring agent add reviewer.json')
    .addArgument(new Argument('<action>', 'Action').choices(ACTIONS))
    .argument('[target]', 'Agent file (add), or name of the agent (show, remove)')
    .option('--yes', 'Add new servers without asking for confirmation')
    .action((action: ActionName, target: string | undefined, options: AgentOptions) =>
      run(options, (context) => act(context, action, target, options)),
    );

async function act(
  context: CommandContext,
  action: ActionName,
  target: string | undefined,
  { yes = false }: AgentOptions,
): Promise<number> {
  if (action === 'list') return listAgents(context);
  if (target === undefined) {
    const what = action === 'add' ? '<file>' : '<name>';
    throw new MainspringError(
      'WRONG_USAGE',
      `Missing argument: mainspring agent ${action} ${what}`,
    );
  }
  if (action === 'show') return showAgent(context, target);
  if (action === 'remove') return removeAgent(context, target);
  const { attachAgent } = await import('../actions/attach-agent.js');
  return attachAgent(context, target, { yes });
}

async function listAgents({ output, settings }: CommandContext): Promise<number> {
  const profiles = await (await profilesOf(settings().home)).list();
  const rows = Object.entries(profiles).map(([name, { servers, tools }]) => [
    name,
    servers.join(', '),
    tools?.join(', ') ?? 'all',
  ]);
  const none = 'No agents yet. Add one: mainspring agent add <file>';
  const text = renderTable(['Agent', 'Servers', 'Tools'], rows, output.fancy);
  output.answer(profiles, rows.length > 0 ? text : none);
  return EXIT.ok;
}

async function showAgent({ output, settings }: CommandContext, name: string): Promise<number> {
  const profile = await (await profilesOf(settings().home)).get(name, 'agent');
  output.answer({ name, ...profile }, agentText(name, profile));
  return EXIT.ok;
}

async function removeAgent({ output, settings }: CommandContext, name: string): Promise<number> {
  await (await profilesOf(settings().home)).remove(name, 'agent');
  output.answer({ removed: name }, `Removed agent ${name}. Its servers were kept.`);
  return EXIT.ok;
}

async function profilesOf(home: string) {
  const { Profiles } = await import('../../offline/profiles.js');
  return new Profiles(home);
}

function agentText(name: string, { servers, tools, systemPrompt }: Profile): string {
  const lines = [
    `Agent:   ${name}`,
    `Servers: ${servers.join(', ')}`,
    `Tools:   ${tools?.join(', ') ?? 'all'}`,
  ];
  return [...lines, ...(systemPrompt === undefined ? [] : ['', systemPrompt])].join('\n');
}
