import { type AgentFile, type AgentPlan, type NewAgentServer } from '../../offline/profiles';
import { type Servers } from '../../client/servers/servers';
import { type ErrorReport, MainspringError, reportOf } from '../../base/errors';
import { type CommandContext } from '../command';
import { entryText } from '../text/entry-text';
import { EXIT } from '../exit-codes';
import { startSettled } from './start-settled';

interface Attached {
  agent: string;
  servers: string[];
  added: string[];
  started: string[];
  unknown: AgentPlan['unknown'];
  failed: { name: string; error: ErrorReport }[];
  /** Warnings, such as of tools that none of its servers has. */
  warnings: string[];
}

/** Creates a profile from an agent file, adds its new servers if the user agrees, and starts those that it wants started. */
export async function attachAgent(
  context: CommandContext,
  file: string,
  { yes }: { yes: boolean },
): Promise<number> {
  const { output, settings, withClient, interrupted } = context;
  const { home } = settings();
  const { planAgentFile, profileOf } = await import('../../offline/profiles.js');
  const { profileContent: profileExposure } =
    await import('../../client/listings/profile-content.js');
  const { agent, plan } = await planAgentFile(home, file);
  if (plan.added.length > 0 && !yes && !(await isAgreed(context, agent, plan.added))) {
    output.answer({ agent: agent.name, changed: false }, 'Nothing was changed.');
    return EXIT.failed;
  }
  return withClient(async (client) => {
    const { servers, profiles } = client;
    const added = await addServers(servers, plan.added);
    const failedToAdd = new Set(added.failed.map(({ name }) => name));
    const left = plan.added.filter(({ name }) => !failedToAdd.has(name));
    const profile = profileOf(agent, { ...plan, added: left });
    await profiles.set(agent.name, profile);
    output.spin(`Starting the servers of ${agent.name}…`);
    const wanted = [...plan.existing, ...left].filter(({ autoStart }) => autoStart);
    const started = await startServers(
      servers,
      wanted.map(({ name }) => name),
      interrupted,
    );
    const attached: Attached = {
      agent: agent.name,
      servers: profile.servers,
      unknown: plan.unknown,
      added: left.map(({ name }) => name),
      started: started.names,
      failed: [...added.failed, ...started.failed],
      warnings: (await profileExposure(client, agent.name)).warnings,
    };
    output.answer(attached, attachedText(attached));
    return attached.unknown.length + attached.failed.length > 0 ? EXIT.failed : EXIT.ok;
  });
}

/** Shows exactly what would run, and asks; off a terminal only --yes agrees. */
async function isAgreed(
  { output, interrupted }: CommandContext,
  agent: AgentFile,
  added: readonly NewAgentServer[],
): Promise<boolean> {
  output.progress(`The agent "${agent.name}" adds these servers:\n`);
  for (const { name, entry, from, autoStart } of added) {
    const text = entryText(entry).replace(/^/gm, '    ');
    output.progress(`  ${name} (${from}${autoStart ? ', started immediately' : ''})\n${text}\n`);
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY || output.json) {
    const names = added.map(({ name }) => name).join(', ');
    throw new MainspringError(
      'WRONG_USAGE',
      `Adding new servers requires confirmation: ${names}. Nothing was changed.`,
      { fix: 'Review the commands above, then run this command again with --yes.' },
    );
  }
  const { createPrompts: createQuestions } = await import('../prompts/questions.js');
  const ask = await createQuestions(interrupted);
  return ask.confirm('Add these servers?', false);
}

async function addServers(servers: Servers, added: readonly NewAgentServer[]) {
  const failed: Attached['failed'] = [];
  for (const { name, entry, baseDir, from, autoStart } of added) {
    // A server that the agent does not start must not be started by the next `up` either.
    const own = entry.autostart === undefined ? { ...entry, autostart: autoStart } : entry;
    await servers.add(name, own, { baseDir, from, start: false }).catch((error: unknown) => {
      failed.push({ name, error: reportOf(error) });
    });
  }
  return { failed };
}

async function startServers(servers: Servers, wanted: readonly string[], interrupted: AbortSignal) {
  const names: string[] = [];
  const failed: Attached['failed'] = [];
  const start = async (name: string) => {
    try {
      if (await startSettled(servers, name, interrupted)) names.push(name);
    } catch (error) {
      failed.push({ name, error: reportOf(error) });
    }
  };
  await Promise.all(wanted.map(start));
  return { names, failed };
}

function attachedText(attached: Attached): string {
  const { agent, servers, added, started, unknown, failed, warnings } = attached;
  const named = (names: string[]) => (names.length > 0 ? names.join(', ') : 'none');
  const lines = [
    `Agent ${agent}: ${named(servers)}.`,
    ...(added.length > 0 ? [`Added: ${named(added)}.`] : []),
    ...(started.length > 0 ? [`Started: ${named(started)}.`] : []),
  ];
  for (const { name, reason, suggestions, fix } of unknown) {
    const near = suggestions.length > 0 ? ` Did you mean ${suggestions.join(' or ')}?` : '';
    lines.push(`Unknown: ${name}. ${reason}${near}\nTry: ${fix}`);
  }
  for (const { name, error } of failed) {
    lines.push(`Failed: ${name}: [${error.code}] ${error.message}\nTry: ${error.fix}`);
  }
  return [...lines, ...warnings.map((warning) => `Warning: ${warning}`)].join('\n');
}
