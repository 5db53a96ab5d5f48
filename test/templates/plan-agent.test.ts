import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { reportOf } from '../../src/base/errors';
import { planAgentFile, profileOf, Profiles } from '../../src/offline/profiles';
import { readAgentFile } from '../../src/templates/agent-file';
import { tableOf, updateInventory } from '../../src/inventory/inventory';
import { useTemporaryFolder } from '../temporary-folder';

const folder = useTemporaryFolder();

const write = async (name: string, content: unknown) => {
  const file = path.join(folder(), name);
  await writeFile(file, JSON.stringify(content, null, 2));
  return file;
};

const agent = (mcp_servers: unknown[], more: object = {}) =>
  write('agent.json', { name: 'reviewer', mcp_servers, ...more });

/** Plans an agent file with the server "here" in the inventory. */
async function plan(mcp_servers: unknown[], more?: object) {
  await updateInventory(folder(), (inventory) => ({
    ...inventory,
    servers: tableOf([
      [
        'here',
        {
          ...{ entry: { command: 'x' }, origin: 'cli', baseDir: '/', addedAtMs: 0, meta: {} },
        },
      ],
    ]),
  }));
  return planAgentFile(folder(), await agent(mcp_servers, more), folder());
}

describe('planAgentFile', () => {
  it('finds servers in the inventory, the agent file and the templates', async () => {
    const { plan: planned } = await plan([
      'here',
      { name: 'own', auto_start: true, command: 'node', args: ['own.js'] },
      { name: 'time', auto_start: true },
    ]);
    expect(planned.existing).toEqual([{ name: 'here', autoStart: false }]);
    expect(planned.added).toEqual([
      {
        ...{ name: 'own', autoStart: true, isUsed: true, baseDir: folder() },
        entry: { command: 'node', args: ['own.js'] },
        from: path.join(folder(), 'agent.json'),
      },
      expect.objectContaining({ name: 'time', autoStart: true, from: 'template time' }) as unknown,
    ]);
    expect(planned.unknown).toEqual([]);
  });

  it('keeps an existing server unchanged, and merges duplicates', async () => {
    const { plan: planned } = await plan([
      { name: 'here', command: 'other' },
      { name: 'here', auto_start: true },
    ]);
    expect(planned).toEqual({
      existing: [{ name: 'here', autoStart: true }],
      added: [],
      unknown: [],
    });
  });

  it('reports unknown servers with suggestions, and missing parameters of a template', async () => {
    const { plan: planned } = await plan(['hre', 'postgrse', 'web-search', 'github', 'slack']);
    expect(planned.added).toEqual([]);
    const byName = Object.fromEntries(planned.unknown.map((one) => [one.name, one]));
    expect(byName['hre']?.suggestions).toContain('here');
    expect(byName['postgrse']?.suggestions).toContain('postgres');
    expect(byName['web-search']?.suggestions).toContain('brave-search');
    expect(byName['github']).toMatchObject({
      reason: 'Its template requires values: token.',
      fix: 'mainspring add github --template github --set token=…',
    });
    expect(byName['slack']?.reason).toContain('user-token or bot-token');
  });

  it('imports a legacy file beside it the first time', async () => {
    await write('mcp_servers.json', {
      mcpServers: { legacy: { command: 'l' }, other: { command: 'o' } },
    });
    const { agent: read, plan: planned } = await plan([{ name: 'legacy', auto_start: true }]);
    expect(planned.added).toEqual([
      expect.objectContaining({ name: 'legacy', autoStart: true, isUsed: true }),
      expect.objectContaining({ name: 'other', autoStart: false, isUsed: false }),
    ]);
    expect(profileOf(read, planned).servers).toEqual(['legacy']);
  });

  it.each([
    [{ servers: { legacy: { command: 'node', args: ['l.js'] } } }],
    [[{ name: 'legacy', command: 'node', args: ['l.js'] }]],
    [{ servers: [{ name: 'legacy', command: 'node', args: ['l.js'] }] }],
  ])('reads a legacy file of the form %j', async (content) => {
    await write('mcp_servers.json', content);
    const { plan: planned } = await plan(['legacy']);
    expect(planned.added).toEqual([
      expect.objectContaining({
        name: 'legacy',
        entry: expect.objectContaining({ command: 'node', args: ['l.js'] }) as unknown,
      }),
    ]);
  });

  it('does not restore servers that were removed after the import of a legacy file', async () => {
    await write('mcp_servers.json', {
      mcpServers: { here: { command: 'h' }, removed: { command: 'r' } },
    });
    expect((await plan(['here'])).plan.added).toEqual([]);
  });

  it.each([
    [{ mcp_servers: [{ name: 'a b' }] }, /mcp_servers\[0\]\.name: .*contains " "/],
    [{ mcp_servers: [{ name: 'a', autostrat: true }] }, /autostrat: unknown member/],
    [{ mcp_servers: [{ command: 'x' }] }, /mcp_servers\[0\]\.name: expected a string/],
    [{ mcp_servers: 'a' }, /mcp_servers: expected a list/],
    [{ mcp_servers: [], name: 5 }, /name: expected a string, got 5/],
  ])('names file, line and field of a mistake: %j', async (content, expected) => {
    const file = await write('agent.json', { name: 'x', ...content });
    const error: unknown = await readAgentFile(file).catch((thrown: unknown) => thrown);
    expect(reportOf(error)).toMatchObject({ code: 'INVALID_CONFIG' });
    expect(reportOf(error).message).toMatch(expected);
  });
});

describe('profileOf', () => {
  it('keeps the prompt and the tools', async () => {
    const { agent: read, plan: planned } = await plan(['here'], {
      ...{ system_prompt: 'Review.', tools: ['read'], model: 'any' },
    });
    expect(profileOf(read, planned)).toEqual({
      ...{ servers: ['here'], tools: ['read'], systemPrompt: 'Review.' },
    });
  });
});

describe('Profiles', () => {
  it('are set, listed and removed', async () => {
    const profiles = new Profiles(folder());
    await profiles.set('one', { servers: ['a'] });
    await profiles.set('constructor', { servers: [] });
    expect(await profiles.list()).toEqual({
      one: { servers: ['a'] },
      constructor: { servers: [] },
    });
    await profiles.remove('one');
    await expect(profiles.get('one')).rejects.toMatchObject({ code: 'UNKNOWN_PROFILE' });
    await expect(profiles.get('toString')).rejects.toMatchObject({ code: 'UNKNOWN_PROFILE' });
  });
});
