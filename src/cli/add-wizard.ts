import { type ServerEntry } from '../client/check-new-entry';
import { type Servers } from '../client/servers';
import { type Tools } from '../client/tools';
import { MainspringError, reportOf } from '../domain/errors';
import { type CommandContext } from './command';
import { EXIT } from './exit-codes';
import { type Output } from './output';
import { createQuestions, type Questions } from './questions';
import { startSettled } from './start-settled';
import { askServer, type Draft } from './ask-server';

/** Asks what to add, tries it, and adds it when it shall stay. Whatever ends it early leaves nothing behind. */
export async function addByWizard({
  withClient,
  output,
  settings,
  interrupted,
}: CommandContext): Promise<number> {
  const { home } = settings();
  return withClient(async ({ servers, tools }) => {
    const ask = await createQuestions(interrupted);
    const trial = new Trial(home, servers, tools, output, interrupted);
    let isKept = false;
    try {
      isKept = await addTried(ask, trial, home, output);
    } finally {
      if (!isKept) await trial.end();
    }
    if (!isKept) output.progress('Nothing was added.');
    return isKept ? EXIT.ok : EXIT.failed;
  });
}

/** Resolves with whether the server stays. */
async function addTried(
  ask: Questions,
  trial: Trial,
  home: string,
  output: Output,
): Promise<boolean> {
  let draft: Draft | undefined;
  for (;;) {
    draft = await askServer(ask, home, draft);
    for (const warning of draft.warnings) output.progress(`Warning: ${warning}`);
    const works = await trial.start(draft);
    const next = works ? 'keep' : await askWhatNow(ask);
    if (next === 'drop') return false;
    if (next === 'keep') {
      output.progress(JSON.stringify({ mcpServers: { [draft.name]: draft.entry } }, null, 2));
      const isKept = await ask.confirm(`Keep ${draft.name}?`, true);
      if (isKept)
        output.progress(`Added ${draft.name}. Its state: mainspring status ${draft.name}`);
      return isKept;
    }
    await trial.end();
  }
}

type Next = 'keep' | 'edit' | 'drop';

function askWhatNow(ask: Questions): Promise<Next> {
  return ask.select<Next>('What now?', [
    { name: 'Change the answers', value: 'edit' },
    { name: 'Keep it as it is', value: 'keep' },
    { name: 'Drop it', value: 'drop' },
  ]);
}

/** A server that is in the inventory only until somebody has said that it stays. */
class Trial {
  #secrets: string[] = [];
  #server: string | undefined;

  constructor(
    private readonly home: string,
    private readonly servers: Servers,
    private readonly tools: Tools,
    private readonly output: Output,
    private readonly interrupted: AbortSignal,
  ) {}

  /** Whether it runs; if not, says why. */
  async start(draft: Draft): Promise<boolean> {
    const { name, entry, secrets } = draft;
    const { saveSecrets } = await import('../client/templates.js');
    try {
      await saveSecrets(this.home, name, secrets);
      this.#secrets = Object.keys(secrets);
      this.output.spin(`Starting ${name} …`);
      await this.#add(name, entry);
      await startSettled(this.servers, name, this.interrupted);
      const { length } = await this.tools.list(name);
      this.output.progress(`${name} runs and has ${length} ${length === 1 ? 'tool' : 'tools'}.`);
      return true;
    } catch (error) {
      if (!(error instanceof MainspringError) || error.code === 'COMMAND_INTERRUPTED') throw error;
      const { code, message, fix } = reportOf(error);
      this.output.progress(`It does not work yet: [${code}] ${message}\nTry: ${fix}`);
      return false;
    }
  }

  /** Takes back all that `start` did. */
  async end(): Promise<void> {
    const [secrets, server] = [this.#secrets, this.#server];
    this.#secrets = [];
    this.#server = undefined;
    const { forgetSecrets } = await import('../client/templates.js');
    await forgetSecrets(this.home, secrets);
    if (server === undefined) return;
    await this.servers.remove(server).catch((error: unknown) => {
      if (reportOf(error).code !== 'UNKNOWN_SERVER') throw error;
    });
  }

  async #add(name: string, entry: ServerEntry): Promise<void> {
    try {
      await this.servers.add(name, entry, { start: false });
      this.#server = name;
    } catch (error) {
      // Somebody else was faster: then it is theirs. After any other failure it may be in the inventory.
      if (reportOf(error).code !== 'NAME_TAKEN') this.#server = name;
      throw error;
    }
  }
}
