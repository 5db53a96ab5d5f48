import { promptSettings, type Settings } from '../../../src/cli/prompts/settings-prompts';
import { type Choice, type Prompts } from '../../../src/cli/prompts/questions';

/** Answers questions by what they begin with; everything else is left as it is preset. */
function answering(answers: [start: string, answer: string][]): {
  ask: Prompts;
  asked: string[];
} {
  const left = [...answers];
  const asked: string[] = [];
  const answer = (message: string) => {
    asked.push(message);
    const index = left.findIndex(([start]) => message.startsWith(start));
    return index < 0 ? undefined : left.splice(index, 1)[0]?.[1];
  };
  const ask: Prompts = {
    search: () => Promise.reject(new Error('nothing to search')),
    select: async <T>(message: string, choices: Choice<T>[], preset?: T) => {
      const wanted = answer(message);
      const chosen = choices.find(({ name }) => name === wanted);
      if (chosen) return chosen.value;
      return choices.find(({ value }) => value === preset)?.value ?? (choices[0]?.value as T);
    },
    text: async (message, { preset = '' } = {}) => answer(message) ?? preset,
    secret: async (message) => `hidden ${answer(message) ?? ''}`,
    confirm: async (message, preset) => (answer(message) ?? String(preset)) === 'true',
    tell: () => undefined,
  };
  return { ask, asked };
}

const local = { command: 'node' };
const remote = { url: 'https://x.test/mcp' };

test.each<[what: string, entry: object, answers: [string, string][], settings: Settings]>([
  ['nothing unless somebody wants to', local, [], {}],
  ['nothing when nothing is answered', local, [['Set ', 'true']], {}],
  [
    'environment, folder and timeouts of a program',
    local,
    [
      ['Set ', 'true'],
      ['Name of an environment variable', 'LEVEL'],
      ['Value of LEVEL', 'debug'],
      ['Name of an environment variable', 'API_TOKEN'],
      ['Value of API_TOKEN', 'x'],
      ['Working directory', '/tmp'],
      ['Start timeout', '90s'],
    ],
    {
      env: { LEVEL: 'debug', API_TOKEN: 'hidden x' },
      ...{ cwd: '/tmp', timeouts: { start: '90s' } },
    },
  ],
  [
    'transport, headers and timeouts of a URL',
    remote,
    [
      ['Set ', 'true'],
      ['Transport', 'HTTP with SSE (older servers)'],
      ['Name of an HTTP header', 'X-Team'],
      ['Value of X-Team', 'blue'],
      ['Call timeout', '5m'],
    ],
    { type: 'sse', headers: { 'X-Team': 'blue' }, timeouts: { call: '5m' } },
  ],
])('asks for %s', async (_what, entry, answers, settings) => {
  expect(await promptSettings(answering(answers).ask, entry, {})).toEqual(settings);
});

test('keeps what was answered before, and lets it be changed and taken away', async () => {
  const before: Settings = {
    env: { A: '1', B: '2', C: '3' },
    cwd: '/tmp',
    timeouts: { start: 500 },
  };
  const { ask, asked } = answering([
    ['Name of an environment variable', 'A'],
    ['Value of A', '9'],
    ['Name of an environment variable', 'B'],
    ['Value of B', ''],
  ]);
  expect(await promptSettings(ask, local, before)).toEqual({
    ...{ env: { A: '9', C: '3' }, cwd: '/tmp', timeouts: { start: '500ms' } },
  });
  expect(asked.join()).toContain('Already set: A, B, C.');
});

test('a WebSocket has no other transport', async () => {
  const { ask } = answering([
    ['Set ', 'true'],
    ['Transport', 'Streamable HTTP'],
  ]);
  expect(await promptSettings(ask, { url: 'wss://x.test' }, {})).toEqual({});
});
