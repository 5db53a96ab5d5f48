import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadTemplates } from '../../src/templates/load-templates';
import { useTemporaryFolder } from '../temporary-folder';

const folder = useTemporaryFolder();

const template = (members: object = {}) => ({
  name: 'mine',
  title: 'Mine',
  description: 'A server of mine.',
  entry: { command: 'mine' },
  ...members,
});

async function load(files: Record<string, unknown>) {
  const home = folder();
  await mkdir(path.join(home, 'templates'), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
    await writeFile(path.join(home, 'templates', name), text);
  }
  return loadTemplates(home);
}

/** Returns the problems of a user's template file, without its folder. */
async function problemsOf(content: unknown): Promise<string[]> {
  const { problems } = await load({ 'mine.json': content });
  return problems.flatMap(({ message }) =>
    message
      .split('\n')
      .map((line) => path.basename(line.split(':')[0] ?? '') + line.slice(line.indexOf(':'))),
  );
}

describe('templates of a user', () => {
  it('are added to the built-in ones, and replace one with the same name', async () => {
    const { templates, problems } = await load({
      'mine.json': template(),
      'git.json': template({ name: 'git' }),
      'notes.txt': 'not a template',
    });
    expect(problems).toEqual([]);
    const origins = Object.fromEntries(templates.map(({ name, origin }) => [name, origin]));
    expect(origins).toMatchObject({ mine: 'user', git: 'user', time: 'built-in' });
  });

  it('are reported with file and field when they are invalid; the others are loaded', async () => {
    const { templates, problems } = await load({
      'bad.json': { name: 'bad' },
      'mine.json': template(),
      'worse.json': '{ "name": ',
      'mine-too.json': template(),
    });
    expect(templates.map(({ name }) => name)).toContain('mine');
    expect(problems.map(({ code }) => code).sort()).toEqual([
      ...['INVALID_CONFIG', 'INVALID_CONFIG', 'INVALID_JSON'],
    ]);
    expect(problems.map(({ message }) => message).join('\n')).toContain(
      'the template "mine" already exists in ',
    );
  });

  it.each([
    [template({ name: 'no spaces' }), /mine\.json:2: name: .*contains " "/],
    [template({ titel: 'x' }), /titel: unknown member; did you mean "title"\?/],
    [template({ entry: { command: 'x', comand: 'y' } }), /entry\.comand: unknown member/],
    [template({ entry: { command: '${param:a}' } }), /entry\.command: there is no parameter "a"/],
    [
      template({ parameters: [{ name: 'a', type: 'string', help: 'A.' }] }),
      /parameters\[0\]\.name: nothing in "entry" uses "a"/,
    ],
    [
      template({
        entry: { command: '${param:a}' },
        parameters: [{ name: 'a', type: 'strnig', help: 'A.' }],
      }),
      /parameters\[0\]\.type: expected .* did you mean "string"/,
    ],
    [
      template({
        entry: { command: '${param:a}' },
        parameters: [{ name: 'a', type: 'number', help: 'A.', default: 'x' }],
      }),
      /parameters\[0\]\.default: expected a number, got "x"/,
    ],
    [
      template({
        entry: { command: '${param:a}' },
        parameters: [{ name: 'a', type: 'string', help: 'A.', pattern: '(' }],
      }),
      /pattern: expected a regular expression/,
    ],
    [
      template({
        entry: { command: '${param:a}' },
        parameters: [{ name: 'a', type: 'enum', help: 'A.' }],
      }),
      /options: expected options if, and only if, the type is "enum"/,
    ],
    [
      template({
        entry: { command: 'x', env: { A: 'x${param:a}' } },
        parameters: [{ name: 'a', type: 'list', help: 'A.' }],
      }),
      /entry\.env\.A: the list "a" must be a separate argument/,
    ],
    [
      template({
        entry: { command: '${param:a}' },
        parameters: [{ name: 'a', type: 'string', help: 'A.', secret: true }],
        validation: { calls: [{ tool: 't', arguments: { x: '${param:a}' } }] },
      }),
      /the secret "a" must not be an argument of a call/,
    ],
  ])('must be consistent: %#', async (content, expected) => {
    expect((await problemsOf(content)).join('\n')).toMatch(expected);
  });
});
