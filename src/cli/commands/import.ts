import { Option } from 'commander';
import { type ConfigFile } from '../../offline/origins';
import { type ImportChange, type ImportOptions, type Program } from '../../offline/import-servers';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { CONFIG_PROGRAMS } from '../../domain/programs/config-programs';
import { type ErrorReport, MainspringError } from '../../base/errors';
import { type ServerSummary } from '../../domain/servers/status';
import { EXIT } from '../exit-codes';
import { importText } from '../text/import-text';
import { firstLine } from '../text/install-text';
import { followUntilSettled } from '../../client/servers/follow-until-settled';
import { reportProblems } from '../../offline/report-changes';

interface Options extends GlobalOptions {
  from?: Program;
  yes?: boolean;
  rename?: boolean;
  overwrite?: boolean;
  extractSecrets?: boolean;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring import --from claude --yes')
    .argument(
      '[file]',
      'Config file in any supported format, or an .mcpb bundle (default: search the default locations)',
    )
    .addOption(
      new Option('--from <program>', 'Look in the default locations of this program').choices([
        ...CONFIG_PROGRAMS,
      ]),
    )
    .option('--yes', 'Apply the changes without asking for confirmation')
    .option('--rename', 'Rename servers whose name is already taken (default: skip them)')
    .option('--overwrite', 'Replace servers whose name is already taken')
    .option('--extract-secrets', 'Move literal secrets to secrets.env in the data directory')
    .action((file: string | undefined, options: Options) =>
      run(options, (context) => runImport(context, file, options)),
    );

async function runImport(
  context: CommandContext,
  file: string | undefined,
  options: Options,
): Promise<number> {
  const { output, settings } = context;
  const { home } = settings();
  const { planImport } = await import('../../offline/import-servers.js');
  const { configs, broken } = await configsFor(file, options);
  for (const { code, message } of broken) output.progress(`Skipped: [${code}] ${message}`);
  const onConflict = conflictChoice(options);
  const plan = await planImport(home, configs, { onConflict });
  const { changes, leftOut, missing } = plan;
  const isWork = changes.some(({ change }) => change !== 'unchanged' && change !== 'conflict');
  if (!output.json) output.answer(plan, importText(plan, home, output.fancy));
  const chosen = isWork ? await choose(context, changes, options) : undefined;
  // A file from which nothing could be imported is a failure, one from which something could is not.
  const isFine = changes.length > 0 || (leftOut.length === 0 && broken.length === 0);
  const code = isFine ? EXIT.ok : EXIT.failed;
  if (!chosen) {
    if (output.json) output.answer({ changes, leftOut, missing, broken, applied: false }, '');
    else output.progress(isWork ? DRY_RUN : 'Nothing to change.');
    return code;
  }
  const done = await apply(context, configs, { ...chosen, onConflict });
  if (output.json) {
    output.answer({ ...done, leftOut, missing, broken, applied: true }, '');
  }
  return code;
}

const DRY_RUN = 'Nothing was changed. To apply the changes, run the same command with --yes.';

async function configsFor(
  file: string | undefined,
  { from }: Options,
): Promise<{ configs: ConfigFile[]; broken: ErrorReport[] }> {
  if (file !== undefined && from !== undefined) {
    throw new MainspringError('WRONG_USAGE', '--from cannot be used with a file.', {
      fix: 'mainspring import <file>, or mainspring import --from <program>.',
    });
  }
  if (file !== undefined) {
    const { readConfigFiles } = await import('../../offline/origins.js');
    return { configs: await readConfigFiles([file]), broken: [] };
  }
  const { findConfigs, readFoundConfigs } = await import('../../offline/import-servers.js');
  return readFoundConfigs(findConfigs(from));
}

function conflictChoice({ rename, overwrite }: Options): ImportOptions['onConflict'] {
  if (rename && overwrite) {
    throw new MainspringError('WRONG_USAGE', '--rename cannot be used with --overwrite.');
  }
  if (rename) return 'rename';
  return overwrite ? 'overwrite' : 'skip';
}

/** Chooses what to import; undefined means nothing. Only a user at a terminal is asked. */
async function choose(
  { output, interrupted }: CommandContext,
  changes: readonly ImportChange[],
  { yes, extractSecrets = false }: Options,
): Promise<ImportOptions | undefined> {
  if (yes) return { extractSecrets };
  if (output.json || !process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  const { createPrompts: createQuestions } = await import('../prompts/questions.js');
  const { confirm } = await createQuestions(interrupted);
  const hasSecrets = changes.some(({ secrets }) => secrets.length > 0);
  const extract =
    extractSecrets || (hasSecrets && (await confirm('Move the secrets to secrets.env?', true)));
  const isConfirmed = await confirm('Apply these changes?', false);
  return isConfirmed ? { extractSecrets: extract } : undefined;
}

interface Applied {
  changes: ImportChange[];
  /** Imported servers that ended in ERROR, and why. */
  failed: { name: string; reason: string }[];
}

async function apply(
  { output, settings, withClient, interrupted }: CommandContext,
  configs: readonly ConfigFile[],
  options: ImportOptions,
): Promise<Applied> {
  const { home } = settings();
  const { applyImport } = await import('../../offline/import-servers.js');
  const { removeFromInventory } = await import('../../offline/origins.js');
  const { readInstance } = await import('../../offline/instance.js');
  const changes = await applyImport(home, configs, options);
  const vanished = changes.flatMap(({ name, change }) => (change === 'vanished' ? [name] : []));
  const taken = changes.filter(({ change }) => change === 'added' || change === 'changed');
  const changing = changes.filter(({ change }) => change !== 'unchanged');
  const done = `Imported ${taken.length} of ${changing.length}.`;
  if (!(await readInstance(home))?.isReady) {
    await removeFromInventory(home, vanished);
    output.progress(`${done} To start the servers: mainspring up`);
    return { changes, failed: [] };
  }
  const failed = await withClient(async ({ servers }) => {
    reportProblems(await servers.dropVanished(changes), output.progress);
    reportProblems(await servers.sync(), output.progress);
    output.spin('Waiting for the servers…');
    const names = taken.map(({ name }) => name);
    return failuresOf(followUntilSettled(servers, interrupted, names), output.progress);
  });
  output.progress(`${done} To check their state: mainspring list`);
  return { changes, failed };
}

async function failuresOf(
  settling: AsyncIterable<ServerSummary>,
  progress: (line: string) => void,
): Promise<Applied['failed']> {
  const failed: Applied['failed'] = [];
  for await (const { name, state, reason } of settling) {
    if (state !== 'ERROR') continue;
    progress(`${name} is ERROR: ${firstLine(reason)}`);
    failed.push({ name, reason });
  }
  return failed;
}
