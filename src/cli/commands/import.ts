import { Option } from 'commander';
import { type ConfigFile } from '../../client/origins';
import { type ImportChange, type ImportOptions, type Program } from '../../client/import-servers';
import { type CommandContext, defineCommand, type GlobalOptions, type Run } from '../command';
import { MainspringError } from '../../domain/errors';
import { EXIT } from '../exit-codes';
import { renderTable } from '../table';
import { reportProblems } from './reload';

interface Options extends GlobalOptions {
  from?: Program;
  yes?: boolean;
  rename?: boolean;
  overwrite?: boolean;
  extractSecrets?: boolean;
}

const PROGRAMS = ['claude', 'cursor', 'vscode', 'windsurf', 'codex'];

export const importServers = (run: Run) =>
  defineCommand(
    'import',
    'take over servers from another program; shows first what would change',
    'mainspring import --from claude --yes',
  )
    .argument('[file]', 'config in any dialect, or an .mcpb bundle; default: what is found')
    .addOption(new Option('--from <program>', 'look where it keeps them').choices(PROGRAMS))
    .option('--yes', 'apply it without asking')
    .option('--rename', 'a server whose name is taken gets another one; default: it is skipped')
    .option('--overwrite', 'a server whose name is taken replaces the other')
    .option('--extract-secrets', 'move literal secrets into secrets.env of the data directory')
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
  const { planImport } = await import('../../client/import-servers.js');
  const configs = await configsFor(file, options);
  const onConflict = conflictChoice(options);
  const plan = await planImport(home, configs, { onConflict });
  const isWork = plan.some(({ change }) => change !== 'unchanged' && change !== 'conflict');
  if (!output.json) output.answer(plan, planText(plan, configs, output.fancy));
  const chosen = isWork ? await choose(context, plan, options) : undefined;
  if (!chosen) {
    if (output.json) output.answer({ changes: plan, applied: false }, '');
    else output.progress(isWork ? DRY_RUN : 'There is nothing to change.');
    return EXIT.ok;
  }
  const changes = await apply(context, configs, { ...chosen, onConflict });
  if (output.json) output.answer({ changes, applied: true }, '');
  return EXIT.ok;
}

const DRY_RUN = 'Nothing was changed. To apply it: the same command with --yes.';

async function configsFor(file: string | undefined, { from }: Options): Promise<ConfigFile[]> {
  if (file !== undefined && from !== undefined) {
    throw new MainspringError('WRONG_USAGE', 'Import from a file or from a program?', {
      fix: 'mainspring import <file>, or mainspring import --from <program>.',
    });
  }
  const { findConfigs, readImports } = await import('../../client/import-servers.js');
  if (file !== undefined) return readImports([file]);
  return readImports(findConfigs(from), { found: true });
}

function conflictChoice({ rename, overwrite }: Options): ImportOptions['onConflict'] {
  if (rename && overwrite) {
    throw new MainspringError('WRONG_USAGE', '--rename and --overwrite exclude each other.');
  }
  if (rename) return 'rename';
  return overwrite ? 'overwrite' : 'skip';
}

/** What to do; undefined is nothing. Only a person at a terminal is asked. */
async function choose(
  { output, interrupted }: CommandContext,
  plan: readonly ImportChange[],
  { yes, extractSecrets = false }: Options,
): Promise<ImportOptions | undefined> {
  if (yes) return { extractSecrets };
  if (output.json || !process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  const { createQuestions } = await import('../questions.js');
  const { confirm } = await createQuestions(interrupted);
  const hasSecrets = plan.some(({ secrets }) => secrets.length > 0);
  const extract =
    extractSecrets || (hasSecrets && (await confirm('Move the secrets into secrets.env?', true)));
  const isConfirmed = await confirm('Apply these changes?', false);
  return isConfirmed ? { extractSecrets: extract } : undefined;
}

async function apply(
  { output, settings, withClient }: CommandContext,
  configs: readonly ConfigFile[],
  options: ImportOptions,
): Promise<ImportChange[]> {
  const { home } = settings();
  const { applyImport } = await import('../../client/import-servers.js');
  const { forgetServers } = await import('../../client/origins.js');
  const { readInstance } = await import('../../client/instance.js');
  const changes = await applyImport(home, configs, options);
  const vanished = changes.flatMap(({ name, change }) => (change === 'vanished' ? [name] : []));
  const count = changes.filter(({ change }) => change === 'added' || change === 'changed').length;
  if (!(await readInstance(home))?.isReady) {
    await forgetServers(home, vanished);
    output.progress(`Imported ${count} of ${changes.length}. To start them: mainspring up.`);
    return changes;
  }
  await withClient(async ({ servers }) => {
    reportProblems(await servers.dropVanished(changes), output.progress);
    reportProblems(await servers.sync(), output.progress);
  });
  output.progress(`Imported ${count} of ${changes.length}. See how they are: mainspring list.`);
  return changes;
}

function planText(
  plan: readonly ImportChange[],
  configs: readonly ConfigFile[],
  fancy: boolean,
): string {
  const unread = configs.flatMap(({ file, unread: members }) =>
    members === undefined ? [] : [`${file}: ${members}`],
  );
  if (plan.length === 0) return ['There is nothing to import in it.', ...unread].join('\n');
  const rows = plan.map(({ change, kind, name, dialect, file, line }) => [
    change,
    kind === 'server' ? name : `${kind} ${name}`,
    dialect ?? '-',
    line === undefined ? file : `${file}:${line}`,
  ]);
  const notes = plan.flatMap(({ name, reason, writtenName, warnings, secrets }) => [
    ...(reason ? [`${name}: ${reason}`] : []),
    ...(writtenName ? [`${name}: is called "${writtenName}" in its file`] : []),
    ...warnings.map((warning) => `${name}: ${warning}`),
    ...(secrets.length > 0
      ? [`${name}: --extract-secrets moves ${secrets.join(', ')} into secrets.env`]
      : []),
  ]);
  notes.push(...unread);
  const table = renderTable(['Change', 'Name', 'Dialect', 'Where'], rows, fancy);
  return notes.length > 0 ? `${table}\n\n${notes.join('\n')}` : table;
}
