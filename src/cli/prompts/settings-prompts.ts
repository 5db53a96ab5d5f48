import { textsOf, type ServerEntry } from '../../offline/check-new-entry';
import { parseDuration } from '../../base/duration';
import { reportOf } from '../../base/errors';
import { isSecretName } from '../../domain/trust/secret-values';
import { type Choice, type Prompts } from './questions';

/** Settings that not every server needs, as in its entry. */
export type Settings = Pick<ServerEntry, 'type' | 'env' | 'headers' | 'cwd' | 'timeouts'>;

type Texts = Record<string, string>;

/** Asks for settings that not every server needs, if the user wants to set them; `before` holds the answers to be changed. */
export async function promptSettings(
  ask: Prompts,
  entry: ServerEntry,
  before: Settings,
): Promise<Settings> {
  const isRemote = entry.url !== undefined;
  const what = isRemote
    ? 'transport, headers or timeouts'
    : 'environment, working directory or timeouts';
  if (!(await ask.confirm(`Set ${what}?`, Object.keys(before).length > 0))) return {};
  const own = isRemote
    ? await promptRemote(ask, entry.url ?? '', before)
    : await promptLocal(ask, before);
  return { ...own, ...(await promptTimeouts(ask, before)) };
}

async function promptRemote(ask: Prompts, url: string, before: Settings): Promise<Settings> {
  const type = await ask.select('Transport?', transportsOf(url), before.type);
  const headers = await promptPairs(ask, 'HTTP header', textsOf(before.headers ?? {}));
  return { ...(type && { type }), ...(Object.keys(headers).length > 0 && { headers }) };
}

async function promptLocal(ask: Prompts, before: Settings): Promise<Settings> {
  const env = await promptPairs(ask, 'environment variable', textsOf(before.env ?? {}));
  const cwd = await ask.text('Working directory?', { preset: before.cwd ?? process.cwd() });
  return {
    ...(Object.keys(env).length > 0 && { env }),
    ...(cwd !== process.cwd() && { cwd }),
  };
}

function transportsOf(url: string): Choice<Settings['type']>[] {
  const found: Choice<Settings['type']> = { name: 'Detect from the URL', value: undefined };
  if (/^wss?:/i.test(url)) return [found];
  return [
    found,
    { name: 'Streamable HTTP', value: 'http' },
    { name: 'HTTP with SSE (older servers)', value: 'sse' },
  ];
}

/**
 * Asks for one pair after the other, until the answer is empty. A name that is set already is changed, or with an empty
 * value removed.
 */
async function promptPairs(ask: Prompts, noun: string, before: Texts): Promise<Texts> {
  const pairs = new Map(Object.entries(before));
  for (;;) {
    const set = pairs.size > 0 ? ` Already set: ${[...pairs.keys()].join(', ')}.` : '';
    const name = (await ask.text(`Name of an ${noun}?${set} (leave empty to finish)`)).trim();
    if (name === '') return Object.fromEntries(pairs);
    const value = await promptValue(ask, name);
    if (value === '') pairs.delete(name);
    else pairs.set(name, value);
  }
}

function promptValue(ask: Prompts, name: string): Promise<string> {
  const message = `Value of ${name}? (use \${NAME} for a reference)`;
  return isSecretName(name) ? ask.secret(message) : ask.text(message);
}

async function promptTimeouts(ask: Prompts, { timeouts = {} }: Settings): Promise<Settings> {
  const start = await promptDuration(ask, 'Start timeout?', timeouts.start);
  const call = await promptDuration(ask, 'Call timeout?', timeouts.call);
  const { start: _start, call: _call, ...others } = timeouts;
  const set = { ...others, ...(start && { start }), ...(call && { call }) };
  return Object.keys(set).length > 0 ? { timeouts: set } : {};
}

function promptDuration(
  ask: Prompts,
  message: string,
  before: string | number | undefined,
): Promise<string> {
  const preset = typeof before === 'number' ? `${before}ms` : before;
  return ask.text(`${message} (for example, 90s; leave empty for the default)`, {
    ...(preset !== undefined && { preset }),
    problem: (text) => (text === '' ? undefined : durationProblem(text)),
  });
}

function durationProblem(text: string): string | undefined {
  try {
    parseDuration(text);
    return undefined;
  } catch (error) {
    return reportOf(error).message;
  }
}
