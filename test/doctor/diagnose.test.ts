import { diagnose } from '../../src/doctor/diagnose';
import {
  type Facts,
  type ServerFacts,
  type TemporalFact,
  type VariableFact,
} from '../../src/doctor/facts';
import { type Finding } from '../../src/doctor/finding';
import { type UnmaskedValue } from '../../src/inventory/references/judged-values';
import { goodFacts, serverFacts } from './facts';

const GIB = 1024 ** 3;
const absent = { state: 'absent' } as const;
const npmServer = serverFacts('files', { command: 'npx', args: ['-y', 'some-server@1.0.0'] });
const pypiServer = serverFacts('time', { command: 'uvx', args: ['mcp-server-time'] });
const gitServer = serverFacts('git', { command: 'uvx', args: ['mcp-server-git'] });
const image = serverFacts('hub', { command: 'docker', args: ['run', '-i', '--rm', 'some/image'] });
const asIs = (command: string) => serverFacts('as-is', { command, args: ['x'], asIs: true });

const finding = (id: string, facts: Partial<Facts>, ...servers: ServerFacts[]) => {
  const found = diagnose(goodFacts(facts), servers).filter((one) => one.id === id);
  expect(found.length).toBeLessThanOrEqual(1);
  return found[0];
};

it('finds nothing wrong with a machine that has everything', () => {
  const findings = diagnose(goodFacts(), [npmServer, pypiServer, gitServer, image]);
  expect(findings.map(({ id, status }) => `${id} ${status}`)).toEqual([
    ...['node ok', 'home ok', 'disk ok', 'temporal ok', 'port-temporal ok'],
    ...['npm ok', 'python ok', 'uv ok', 'git ok', 'docker ok'],
  ]);
  expect(findings.every(({ fix, fixable }) => fix === undefined && !fixable)).toBe(true);
});

describe('the proxy', () => {
  const none = { http: undefined, https: undefined, except: '' };
  const corp = 'http://me:secret@proxy.corp:3128';

  it('is reported with the direct hosts, and without its credentials', () => {
    const here = { http: corp, https: corp, except: '10.0.0.1,.corp' };
    expect(finding('proxy', { proxy: { here, host: here } })).toMatchObject({
      status: 'ok',
      found: 'http://proxy.corp:3128 for all URLs; directly: this machine, 10.0.0.1, .corp',
    });
  });

  it('is that of the host, which may differ from this shell', () => {
    const here = { ...none, https: corp };
    expect(finding('proxy', { proxy: { here, host: none } })).toMatchObject({
      status: 'warning',
      found: 'none; in this shell: http://proxy.corp:3128 for https URLs; directly: this machine',
    });
  });

  it('must be a URL', () => {
    const here = { ...none, http: 'http://a b' };
    expect(finding('proxy', { proxy: { here } })).toMatchObject({ status: 'missing' });
  });
});

describe('tools', () => {
  const venvless: Facts['python'] = {
    ...{ state: 'found', executable: '/usr/bin/python3', version: '3.12.1' },
    ...{ makesEnvironments: false, canInstallUv: false },
  };
  const withPip: Facts['python'] = { ...venvless, canInstallUv: true };
  const stopped = { state: 'stopped', version: '28.2.2', hasDaemon: true } as const;
  const cases: [string, string, Partial<Facts>, ServerFacts[], Partial<Finding>][] = [
    ['npm that nobody needs', 'npm', { npm: absent }, [], { status: 'ok', affects: [] }],
    [
      'npm of a server',
      'npm',
      { npm: absent },
      [npmServer, pypiServer],
      {
        ...{ status: 'missing', affects: ['files'] },
        fix: 'sudo apt-get update && sudo apt-get install -y npm',
      },
    ],
    [
      'npm that does not work',
      'npm',
      { npm: { state: 'broken', file: '/x/npm', reason: 'no answer within 5 s' } },
      [npmServer],
      { status: 'missing', found: '/x/npm does not work: no answer within 5 s' },
    ],
    ['npx left alone', 'npm', { npm: absent }, [asIs('npx')], { status: 'missing' }],
    ['git', 'git', { git: absent }, [gitServer, pypiServer], { affects: ['git'] }],
    ['neither Python nor uv', 'python', { python: absent, uv: absent }, [pypiServer], missing()],
    ['uv in place of Python', 'python', { python: absent }, [pypiServer], { status: 'warning' }],
    ['Python for itself', 'python', { python: absent }, [asIs('python3')], missing()],
    ['uv in place of venv', 'python', { python: venvless }, [pypiServer], { status: 'ok' }],
    [
      'no venv, and no way to uv',
      'python',
      { python: venvless, uv: absent },
      [pypiServer],
      { status: 'missing', fix: expect.stringContaining('python3-venv') as string },
    ],
    [
      'no venv, but a pip to get uv with',
      'python',
      { python: withPip, uv: absent },
      [pypiServer],
      { status: 'missing', fix: 'mainspring doctor --fix' },
    ],
    ['no venv for a plain script', 'python', { python: venvless }, [asIs('python3')], ok()],
    ['no uv, with pip', 'uv', { uv: absent }, [pypiServer], { status: 'warning', fixable: true }],
    ['no uv, needed by nobody', 'uv', { uv: absent }, [npmServer], { status: 'ok' }],
    [
      'no uv, and nothing to install it with',
      'uv',
      { uv: absent, python: absent },
      [pypiServer],
      { status: 'warning', fixable: false, fix: expect.stringContaining('astral.sh') as string },
    ],
    [
      'no uv for a command that is uvx',
      'uv',
      { uv: absent },
      [asIs('uvx')],
      { status: 'missing', fixable: false },
    ],
    ['no docker, needed by nobody', 'docker', { docker: absent }, [npmServer], ok()],
    ['no docker', 'docker', { docker: absent }, [image], missing()],
    [
      'docker without an engine, needed by nobody',
      'docker',
      { docker: { ...stopped, reason: 'Cannot connect' } },
      [],
      {
        status: 'ok',
        found: expect.stringContaining('the engine is not responding: Cannot') as string,
      },
    ],
    [
      'docker without an engine',
      'docker',
      { docker: { ...stopped, reason: 'Cannot connect' } },
      [image],
      { status: 'missing', fix: 'sudo systemctl enable --now docker' },
    ],
    [
      'docker that turns the user away',
      'docker',
      { docker: { ...stopped, reason: 'permission denied while trying' } },
      [image],
      { status: 'missing', fix: expect.stringContaining('usermod -aG docker') as string },
    ],
    [
      'podman in place of docker',
      'docker',
      { docker: absent, podman: { state: 'running', version: '5.1' } },
      [image],
      { status: 'ok', found: 'Podman 5.1 is used instead' },
    ],
  ];
  it.each(cases)('%s', (_, id, facts, servers, expected) => {
    expect(finding(id, facts, ...servers)).toMatchObject(expected);
  });
});

describe('the machine', () => {
  const home = (state: 'open' | 'unwritable' | 'foreign', more = {}) =>
    ({ folder: '/data dir', state, ...more }) as Facts['home'];
  const noTemporal: TemporalFact = { state: 'absent', canDownload: false, reasons: [] };
  const cases: [string, string, Partial<Facts>, Partial<Finding>][] = [
    ['old Node.js', 'node', { node: '20.18.3' }, missing()],
    ['just enough Node.js', 'node', { node: '20.19.0' }, ok()],
    ['much newer Node.js', 'node', { node: '24.0.0' }, ok()],
    ['a full disk', 'disk', { disk: { folder: '/data', freeBytes: 1e6 } }, missing()],
    ['little disk', 'disk', { disk: { folder: '/data', freeBytes: GIB } }, { status: 'warning' }],
    [
      'no data directory yet',
      'home',
      { home: { folder: '/data', state: 'absent', canCreate: true } },
      { status: 'ok', fixable: true },
    ],
    [
      'no place for a data directory',
      'home',
      { home: { folder: '/data', state: 'absent', canCreate: false } },
      { status: 'missing', fixable: false },
    ],
    [
      'an open data directory',
      'home',
      { home: home('open', { mode: '755', isOurs: true }) },
      { status: 'missing', fixable: true, fix: "chmod 700 '/data dir'" },
    ],
    [
      'an open folder with files of others',
      'home',
      { home: home('open', { mode: '755', isOurs: false }) },
      { status: 'missing', fixable: false },
    ],
    ['a data directory to read', 'home', { home: home('unwritable') }, { fixable: true }],
    ["another user's", 'home', { home: home('foreign') }, { status: 'missing', fixable: false }],
    ['a broken inventory', 'inventory', { inventoryProblem: 'x:1:2: oh' }, { found: 'x:1:2: oh' }],
    [
      'a taken port',
      'port-temporal',
      { ports: [{ use: 'Temporal', port: 7233, chosen: 7234, owner: 'node (pid 42)' }] },
      { status: 'warning', found: '7233 is in use by node (pid 42); using 7234 instead' },
    ],
    [
      'any port',
      'port-ui',
      { ports: [{ use: 'Temporal UI', port: 0, chosen: 51234 }] },
      { status: 'ok', found: 'any free port' },
    ],
    ['a forbidden port', 'port-ui', { ports: [{ use: 'Temporal UI', port: 80 }] }, missing()],
    [
      'a running instance',
      'temporal',
      { temporal: { state: 'running', address: '127.0.0.1:7233', pid: 42, isReachable: true } },
      { status: 'ok', found: 'running at 127.0.0.1:7233 (pid 42)' },
    ],
    [
      'an instance that does not answer',
      'temporal',
      { temporal: { state: 'running', address: '127.0.0.1:7233', isReachable: false } },
      missing(),
    ],
    [
      'an external Temporal',
      'temporal',
      { temporal: { state: 'external', address: 'temporal:7233' } },
      { status: 'ok', found: 'reachable at temporal:7233 (TEMPORAL_ADDRESS)' },
    ],
    [
      'an external Temporal that is not there',
      'temporal',
      { temporal: { state: 'external', address: 'temporal:7233', problem: 'cannot connect' } },
      missing(),
    ],
    [
      'an official Temporal, whose UI answers web pages',
      'temporal',
      {
        temporal: { state: 'executable', source: 'path', file: '/bin/temporal', version: '1.9.1' },
      },
      { status: 'warning', fix: 'mainspring up --no-ui (see docs/security.md)' },
    ],
    [
      'a Temporal that was built without a C compiler',
      'temporal',
      {
        temporal: {
          ...{ state: 'executable', source: 'cache', version: '1.9.1' },
          file: '/cache/temporal-built-go-1',
        },
      },
      {
        status: 'warning',
        found: expect.stringContaining('without a C compiler') as string,
        fix: 'sudo apt-get update && sudo apt-get install -y gcc libc6-dev && rm /cache/temporal-built-go-1 && mainspring up',
      },
    ],
    ['no Temporal, and no way to it', 'temporal', { temporal: noTemporal }, missing()],
    ['too old a Go', 'temporal', { temporal: { ...noTemporal, go: '1.22.1' } }, missing()],
    [
      'a Temporal to build',
      'temporal',
      { temporal: { ...noTemporal, go: '1.26.8', reasons: ['/x/temporal is 1.0.0, older'] } },
      {
        status: 'warning',
        found: expect.stringMatching(/1\.0\.0, older.*builds it with Go 1\.26\.8.*4 min/) as string,
      },
    ],
    [
      'a Temporal to download',
      'temporal',
      { temporal: { ...noTemporal, canDownload: true } },
      { status: 'warning', found: expect.stringContaining('downloads it') as string },
    ],
  ];
  it.each(cases)('%s', (_, id, facts, expected) => {
    expect(finding(id, facts)).toMatchObject(expected);
  });
});

describe('servers', () => {
  const variable = (state: VariableFact['state'], more: Partial<VariableFact> = {}) => ({
    ...{ name: 'HUB_TOKEN', field: 'env.HUB_TOKEN', state, isLiteral: false },
    ...more,
  });
  const withVariable = (name: string, ...variables: VariableFact[]) =>
    serverFacts(name, { command: '/bin/x' }, { variables });

  it('share one finding for a variable', () => {
    const servers = [withVariable('a', variable('unset')), withVariable('b', variable('unset'))];
    expect(finding('variable:HUB_TOKEN', {}, ...servers)).toEqual({
      ...{ id: 'variable:HUB_TOKEN', title: 'HUB_TOKEN', status: 'missing', found: 'not set' },
      ...{ needed: 'a value for env.HUB_TOKEN', affects: ['a', 'b'], fixable: false },
      fix: 'export HUB_TOKEN=<value> before mainspring up, or a line HUB_TOKEN=<value> in /data/secrets.env',
    });
  });

  it.each<[VariableFact, Partial<Finding>]>([
    [variable('empty'), { status: 'missing', found: 'empty' }],
    [variable('placeholder'), { status: 'missing', found: 'set to a placeholder' }],
    [
      variable('empty', { isLiteral: true }),
      { status: 'missing', found: 'empty in env.HUB_TOKEN of the entry' },
    ],
    [
      variable('unset', { description: 'GitHub token' }),
      { needed: 'a value for env.HUB_TOKEN: GitHub token' },
    ],
    [
      variable('set', { onlyIn: 'here' }),
      { status: 'warning', fix: 'mainspring down && mainspring up --detach' },
    ],
    [
      variable('unset', { onlyIn: 'host' }),
      { status: 'warning', fix: expect.stringContaining('export HUB_TOKEN') as string },
    ],
  ])('report the problem of %j', (one, expected) => {
    expect(finding('variable:HUB_TOKEN', {}, withVariable('a', one))).toMatchObject(expected);
  });

  it('list all set variables in one line', () => {
    const server = withVariable('a', variable('set'), variable('set', { name: 'OTHER' }));
    expect(finding('variables', {}, server)).toMatchObject({ status: 'ok', found: '2 are set' });
  });

  it('with files that cannot be read', () => {
    const more = { unreadableFiles: [{ field: 'env.KEY', file: '/srv/key' }] };
    const servers = ['a', 'b'].map((name) => serverFacts(name, { command: '/bin/x' }, more));
    const expected = { status: 'missing', affects: ['a', 'b'], found: '/srv/key cannot be read' };
    expect(finding('file:/srv/key', {}, ...servers)).toMatchObject(expected);
  });

  it('whose command does not exist', () => {
    const commandProblem = {
      code: 'COMMAND_NOT_FOUND' as const,
      message: '"nope" is not on PATH',
      fix: 'Install it.',
    };
    const server = serverFacts('a', { command: 'nope' }, { commandProblem });
    expect(finding('command:a', {}, server)).toMatchObject({
      ...{ status: 'missing', found: '"nope" is not on PATH', fix: 'Install it.' },
    });
  });

  it.each(['node', 'npx', '/bin/x'])(
    'whose folder does not exist, whatever its command: %s',
    (command) => {
      const fix = 'Create /gone, or correct "cwd".';
      const commandProblem = { code: 'DIRECTORY_NOT_FOUND' as const, message: 'no /gone', fix };
      const server = { ...serverFacts('a', { command, asIs: true }), commandProblem };
      expect(finding('command:a', { npm: absent }, server)).toMatchObject({
        ...{ title: 'Folder of a', status: 'missing', found: 'no /gone', fix },
      });
    },
  );

  it('do not report a missing tool twice', () => {
    const commandProblem = {
      code: 'COMMAND_NOT_FOUND' as const,
      message: '"npx" is not on PATH',
      fix: 'Install it.',
    };
    const server = { ...asIs('npx'), commandProblem };
    expect(finding('command:as-is', { npm: absent }, server)).toBeUndefined();
    expect(finding('command:as-is', {}, server)).toMatchObject({ status: 'missing' });
  });

  it('that are downloaded at every start', () => {
    expect(finding('runner:as-is', {}, { ...asIs('npx'), isAsIs: true })).toMatchObject({
      status: 'warning',
      fix: expect.stringContaining('Remove "asIs"') as string,
    });
    // There is no "asIs" to remove.
    expect(finding('runner:as-is', {}, asIs('npx'))?.fix).not.toContain('asIs');
    expect(finding('runner:files', {}, npmServer)).toBeUndefined();
  });

  it('with secrets in plain text, but not with placeholders that are already reported', () => {
    const fields = { secretFields: ['args[1]', 'env.HUB_TOKEN'] };
    const literal = { variables: [variable('placeholder', { isLiteral: true })] };
    const server = serverFacts('a', { command: '/bin/x' }, { ...fields, ...literal });
    const expected = { status: 'warning', found: 'in plain text: args[1]' };
    expect(finding('secret:a', {}, server)).toMatchObject(expected);
  });

  it('with values that are not masked, by their references', () => {
    const unmasked: UnmaskedValue[] = [
      { reference: '${PORT}', field: 'args[0]', reason: 'number' },
      { reference: '${KEY_FILE}', field: 'env.CREDENTIALS', reason: 'path' },
      { field: 'env.USES_TOKEN', reason: 'boolean' },
    ];
    const server = serverFacts('a', { command: '/bin/x' }, { unmasked });
    expect(finding('unmasked:a', {}, server)).toMatchObject({
      status: 'ok',
      found:
        '${PORT} in args[0] (a number), ${KEY_FILE} in env.CREDENTIALS (a path), env.USES_TOKEN (a boolean)',
      fix: expect.stringContaining('{ "id": "name", "password": true } in "inputs"') as string,
    });
    expect(finding('unmasked:a', {}, serverFacts('a', { command: '/bin/x' }))).toBeUndefined();
  });

  it.each<[UnmaskedValue, string]>([
    [
      { reference: '${PIN}', field: 'env.DB_PASSWORD', reason: 'number' },
      '"env": { "DB_PASSWORD": { "value": "${PIN}", "secret": true } }',
    ],
    [
      { field: 'headers.X-Token', reason: 'short' },
      '"headers": { "X-Token": { "value": "…", "secret": true } }',
    ],
    [{ reference: '${API_TOKEN:-none}', field: 'args[0]', reason: 'short' }, '"password": true'],
  ])('warn of a value that is named like a secret: %j', (one, fix) => {
    const port: UnmaskedValue = { reference: '${PORT}', field: 'env.PORT', reason: 'number' };
    const server = serverFacts('a', { command: '/bin/x' }, { unmasked: [port, one] });
    expect(finding('unmasked:a', {}, server)).toMatchObject({
      status: 'warning',
      fix: expect.stringContaining(fix) as string,
    });
  });

  it('with an invalid entry or project', () => {
    const server = serverFacts('a', { command: '/bin/x' }, { problem: 'oh', absentPath: '/gone' });
    expect(finding('entry:a', {}, server)).toMatchObject({ status: 'missing', found: 'oh' });
    expect(finding('program:a', {}, server)).toMatchObject({ found: '/gone does not exist' });
  });
});

function missing(): Partial<Finding> {
  return { status: 'missing', fix: expect.any(String) as string };
}

function ok(): Partial<Finding> {
  return { status: 'ok' };
}
