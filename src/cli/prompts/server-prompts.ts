import { checkNewEntry, type ServerEntry } from '../../offline/check-new-entry';
import {
  checkParameter,
  fillTemplate,
  type LoadedTemplate,
  loadTemplates,
  newNameProblem,
  suggest,
  withoutSecrets,
} from '../../offline/templates';
import { reportOf } from '../../base/errors';
import { type Answers, promptParameters } from './parameter-prompts';
import { splitWords } from '../../base/split-words';
import { promptSettings, type Settings } from './settings-prompts';
import { remarks } from '../options/new-server';
import { type Choice, type Prompts } from './questions';

/** Answers so far. */
export interface Draft {
  name: string;
  entry: ServerEntry;
  secrets: Record<string, string>;
  warnings: string[];
  source: Source;
  answers: Answers;
  settings: Settings;
}

type Source = { kind: 'template'; template: LoadedTemplate } | { kind: Kind };
type Kind = (typeof KINDS)[number]['value'];

const KINDS = [
  { value: 'command', name: 'A command', description: 'A program on this machine' },
  { value: 'url', name: 'A URL', description: 'A remote server' },
  { value: 'npm', name: 'An npm package', description: 'Installed on first start' },
  { value: 'pypi', name: 'A PyPI package', description: 'Installed on first start' },
  { value: 'bundle', name: 'A bundle', description: 'An .mcpb file or its URL' },
] as const;

/** Asks what to add; `before` holds the answers to be changed. */
export async function promptServer(
  ask: Prompts,
  home: string,
  before: Draft | undefined,
): Promise<Draft> {
  const source = before?.source ?? (await promptSource(ask, home));
  if (source.kind === 'template') return promptTemplate(ask, home, source, before);
  for (;;) {
    const { answers, name: usual, ...asked } = await promptEntry(ask, source.kind, before?.answers);
    const settings = await promptSettings(ask, asked.entry, before?.settings ?? {});
    const entry = { ...asked.entry, ...settings };
    const name = await promptName(ask, home, before?.name ?? usual);
    const draft = { name, source, answers, settings };
    const problem = entryProblem(entry);
    if (problem === undefined) return { ...draft, ...(await finished(home, name, entry)) };
    ask.tell(`${problem}. Try again.`);
    before = { ...draft, entry, secrets: {}, warnings: [] };
  }
}

/** Moves the secrets to where only its host finds them; the rest of the entry may be shown. */
async function finished(
  home: string,
  name: string,
  entry: ServerEntry,
): Promise<Pick<Draft, 'entry' | 'secrets' | 'warnings'>> {
  const hidden = await withoutSecrets(home, name, entry);
  return { ...hidden, warnings: checkNewEntry(hidden.entry) };
}

/** Returns why it could not be started on this machine. */
function entryProblem(entry: ServerEntry): string | undefined {
  try {
    checkNewEntry(entry);
    return undefined;
  } catch (error) {
    return reportOf(error).message;
  }
}

async function promptSource(ask: Prompts, home: string): Promise<Source> {
  const { templates } = await loadTemplates(home);
  const kinds = KINDS.map(({ value, ...shown }) => ({ ...shown, value: { kind: value } }));
  const choices: Choice<Source>[] = templates.map((template) => ({
    name: `${template.title} (${template.name})`,
    value: { kind: 'template', template },
    description: template.description,
  }));
  const find = (term: string): Choice<Source>[] => {
    if (term === '') return [...kinds, ...choices];
    const isNamed = ({ name }: Choice<Source>) => name.toLowerCase().includes(term.toLowerCase());
    const named = [...kinds, ...choices].filter(isNamed);
    const fitting = suggest(templates, term).suggestions.flatMap(({ name }) =>
      choices.filter((choice) => choice.name.endsWith(`(${name})`) && !named.includes(choice)),
    );
    return [...named, ...fitting];
  };
  return ask.search('What would you like to add? (type to search)', find);
}

async function promptTemplate(
  ask: Prompts,
  home: string,
  source: Source & { kind: 'template' },
  before: Draft | undefined,
): Promise<Draft> {
  const { template } = source;
  const answers = await promptParameters(ask, template, before?.answers ?? {});
  const name = await promptName(ask, home, before?.name ?? template.name);
  const options = { server: name, values: answers, baseDir: process.cwd() };
  const { entry, secrets } = fillTemplate(template, options);
  return { name, entry, secrets, warnings: remarks(template), source, answers, settings: {} };
}

function promptName(ask: Prompts, home: string, preset: string): Promise<string> {
  const problem = (name: string) => newNameProblem(home, name);
  return ask.text('Server name?', { preset, problem });
}

async function promptEntry(
  ask: Prompts,
  kind: Kind,
  before: Answers = {},
): Promise<{ entry: ServerEntry; answers: Answers; name: string }> {
  const preset = before['what'];
  const question = (message: string, problem: (text: string) => string | undefined) =>
    ask.text(message, {
      preset,
      problem: (text) => (text ? problem(text) : 'A value is required.'),
    });
  if (kind === 'url') {
    const what = await question('URL?', urlProblem);
    return { entry: { url: what }, answers: { what }, name: hostOf(what) };
  }
  if (kind === 'bundle') {
    const what = await question('Path or HTTPS URL of the bundle?', () => undefined);
    return { entry: { mcpb: what }, answers: { what }, name: nameFrom(what, /\.mcpb$/) };
  }
  if (kind === 'command') {
    const what = await question('Command with its arguments?', (text) => {
      const [command = '', ...args] = splitWords(text) ?? [];
      return commandProblem(text) ?? entryProblem({ command, args });
    });
    const [command = '', ...args] = splitWords(what) ?? [];
    return { entry: { command, args }, answers: { what }, name: nameFrom(command, /\.\w+$/) };
  }
  const what = await question('Package name, with arguments if any?', commandProblem);
  const [name = '', ...args] = splitWords(what) ?? [];
  const runner = kind === 'npm' ? ['npx', '-y'] : ['uvx'];
  const [command = '', ...first] = runner;
  const entry = { command, args: [...first, name, ...args] };
  return { entry, answers: { what }, name: nameFrom(name, /(?<=.)@[^/]*$/) };
}

function urlProblem(text: string): string | undefined {
  const parameter = { name: 'url', type: 'url', help: '', required: true, secret: false } as const;
  const checked = checkParameter(parameter, text, '/');
  return 'problem' in checked ? checked.problem : undefined;
}

function commandProblem(text: string): string | undefined {
  return splitWords(text) === undefined ? 'A quote is missing at the end.' : undefined;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? nameFrom(new URL(url).hostname, /\.[^.]*$/) : 'remote';
}

/** Derives a name that a server can have from the last part of a text. */
function nameFrom(text: string, ending: RegExp): string {
  const last = text.replace(/\/+$/, '').split('/').at(-1) ?? '';
  const letters = last.replace(ending, '').replace(/[^A-Za-z0-9_-]+/g, '-');
  return letters.replace(/^[^A-Za-z0-9]+|-+$/g, '') || 'server';
}
