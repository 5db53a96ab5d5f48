import { type Servers } from '../../client/servers/servers';
import { type Validation } from '../../client/validation';
import { MainspringError, reportOf } from '../../base/errors';
import { failedChecks } from '../../domain/servers/validation';
import { type CommandContext } from '../command';
import { EXIT } from '../exit-codes';
import { unlessInterrupted } from '../interrupt';
import { type Output } from '../terminal/output';
import { createPrompts, type Prompts } from './questions';
import { promptServer, type Draft } from './server-prompts';

/** Context of the wizard. */
interface Wizard {
  home: string;
  ask: Prompts;
  output: Output;
  validation: Validation;
  servers: Servers;
  interrupted: AbortSignal;
}

/**
 * Asks what to add, tries it in a separate instance, and adds it if the user keeps it. Until then nobody else sees it,
 * and an early end leaves nothing behind.
 */
export async function addByWizard({
  withClient,
  output,
  settings,
  interrupted,
}: CommandContext): Promise<number> {
  const { home } = settings();
  return withClient(async ({ servers, validation }) => {
    const ask = await createPrompts(interrupted, output.progress);
    const wizard = { home, ask, output, validation, servers, interrupted };
    let draft: Draft | undefined;
    for (;;) {
      draft = await promptServer(ask, home, draft);
      const next = await withSecrets(home, draft, (kept) => tryAndAdd(wizard, kept));
      if (next === 'added') return EXIT.ok;
      if (next === 'edit') continue;
      output.progress('Nothing was added.');
      return EXIT.failed;
    }
  });
}

type Next = 'added' | 'edit' | 'drop';

/** Stores the secrets of a draft for its host meanwhile; they stay only when it is added. */
async function withSecrets(
  home: string,
  { name, secrets, ...draft }: Draft,
  work: (draft: Draft) => Promise<Next>,
): Promise<Next> {
  const { removeSecrets, saveSecrets } = await import('../../offline/templates.js');
  await saveSecrets(home, name, secrets);
  let next: Next = 'drop';
  try {
    next = await work({ name, secrets, ...draft });
    return next;
  } finally {
    if (next !== 'added') await removeSecrets(home, Object.keys(secrets));
  }
}

async function tryAndAdd(wizard: Wizard, draft: Draft): Promise<Next> {
  const { ask, output } = wizard;
  const { name, entry, warnings } = draft;
  for (const warning of warnings) output.progress(`Warning: ${warning}`);
  const next = (await works(wizard, draft)) ? 'keep' : await promptNextStep(ask);
  if (next !== 'keep') return next;
  output.progress(JSON.stringify({ mcpServers: { [name]: entry } }, null, 2));
  if (!(await ask.confirm(`Add ${name}?`, true))) return 'drop';
  await addServer(wizard, draft);
  return 'added';
}

/** Whether it starts; if not, prints why. */
async function works(
  { output, validation, interrupted }: Wizard,
  { name, entry }: Draft,
): Promise<boolean> {
  output.spin(`Starting ${name}…`);
  try {
    const report = await validation.tryOut(name, entry, { signal: interrupted });
    const [start, ...others] = failedChecks(report);
    if (start?.name === 'start') {
      output.progress(`The server does not work yet: ${start.detail}`);
      return false;
    }
    const { tools = 0 } = report;
    output.progress(`${name} is running with ${tools} ${tools === 1 ? 'tool' : 'tools'}.`);
    for (const check of start ? [start, ...others] : []) {
      output.progress(`Warning: ${check.name}: ${check.detail}`);
    }
    return true;
  } catch (error) {
    if (!(error instanceof MainspringError) || error.code === 'COMMAND_INTERRUPTED') throw error;
    const { code, message, fix } = reportOf(error);
    output.progress(`The server does not work yet: [${code}] ${message}\nTry: ${fix}`);
    return false;
  }
}

function promptNextStep(ask: Prompts): Promise<'keep' | 'edit' | 'drop'> {
  return ask.select('What would you like to do?', [
    { name: 'Change my answers', value: 'edit' },
    { name: 'Add it anyway', value: 'keep' },
    { name: 'Discard it', value: 'drop' },
  ]);
}

/** Adds the server. From here on it is like any other, and stays even if it does not start. */
async function addServer(
  { output, servers, interrupted }: Wizard,
  { name, entry }: Draft,
): Promise<void> {
  output.spin(`Adding ${name}…`);
  try {
    await unlessInterrupted(servers.add(name, entry), interrupted);
  } catch (error) {
    if (!(error instanceof MainspringError) || error.code === 'NAME_TAKEN') throw error;
    output.progress(`The server is not running yet: [${error.code}] ${error.message}`);
  }
  output.progress(`Added ${name}. To check its status: mainspring status ${name}`);
}
