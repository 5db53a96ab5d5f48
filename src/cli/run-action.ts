import { MainspringError } from '../base/errors';
import { type Action, type CommandContext, type GlobalOptions, type RunOptions } from './command';
import { unlessInterrupted } from './interrupt';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Gives an action its context, and resolves with its exit code. The heavy parts are loaded when they are needed. */
export async function runAction(
  given: Pick<CommandContext, 'output' | 'trace' | 'afterDashes'>,
  { home }: GlobalOptions,
  action: Action,
  { handlesInterrupt = false }: RunOptions = {},
): Promise<number> {
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  // Once: a second Ctrl-C ends the command at once.
  for (const signal of SIGNALS) process.once(signal, onInterrupt);
  try {
    const working = action(await createContext(given, home, interrupt.signal));
    if (handlesInterrupt) return await working;
    const exitCode = await unlessInterrupted(working, interrupt.signal);
    if (exitCode !== undefined) return exitCode;
    throw new MainspringError('COMMAND_INTERRUPTED', 'Interrupted.');
  } finally {
    for (const signal of SIGNALS) process.off(signal, onInterrupt);
  }
}

async function createContext(
  given: Pick<CommandContext, 'output' | 'trace' | 'afterDashes'>,
  home: string | undefined,
  interrupted: AbortSignal,
): Promise<CommandContext> {
  const { loadSettings } = await import('../config.js');
  const settings: CommandContext['settings'] = (overrides) =>
    loadSettings(process.env, { home, ...overrides });
  return {
    ...given,
    settings,
    interrupted,
    async instance() {
      const { runningInstance } = await import('../offline/instance.js');
      return runningInstance(settings().home);
    },
    async withClient(work) {
      const { MainspringClient } = await import('../client/mainspring-client.js');
      const client = await MainspringClient.connect({ home: settings().home });
      try {
        return await work(client);
      } finally {
        await client.close();
      }
    },
  };
}
