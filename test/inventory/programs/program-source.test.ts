import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ServerEntry } from '../../../src/inventory/config/config-schema';
import { programOf, startFolderOf } from '../../../src/inventory/programs/program-source';
import { useTemporaryFolder } from '../../temporary-folder';

const folder = useTemporaryFolder();

/** Builds an entry from a line as typed in a terminal. */
const entryOf = (line: string): ServerEntry => {
  const [command = '', ...args] = line.split(' ');
  return { command, args };
};
const programIn = (baseDir: string, line: string, more: Partial<ServerEntry> = {}) =>
  programOf({ ...entryOf(line), ...more }, baseDir);

const write = (file: string, content = '') => {
  const target = path.join(folder(), file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, content);
};
const MANIFEST = JSON.stringify({ dependencies: { zod: '*' } });

it.each([
  ['npx x', { package: 'x', wanted: 'latest' }, []],
  ['npx -y x', { package: 'x', wanted: 'latest' }, []],
  ['npx --yes -q @scope/x@1.2 --flag -y', { package: '@scope/x', wanted: '1.2' }, ['--flag', '-y']],
  ['npx x@^1.2 -- a', { package: 'x', wanted: '^1.2' }, ['--', 'a']],
  ['npx -- x@next a', { package: 'x', wanted: 'next' }, ['a']],
  ['npx -p x@1 run a', { package: 'x', wanted: '1', bin: 'run' }, ['a']],
  [
    'npx --package=x -p @s/y@2 run',
    { package: 'x', wanted: 'latest', bin: 'run', with: ['@s/y@2'] },
    [],
  ],
  ['npx.cmd -y x', { package: 'x', wanted: 'latest' }, []],
  ['cmd /c npx -y x a', { package: 'x', wanted: 'latest' }, ['a']],
  ['bunx x a', { package: 'x', wanted: 'latest' }, ['a']],
  ['pnpx x', { package: 'x', wanted: 'latest' }, []],
  ['npm exec -y x -- --a', { package: 'x', wanted: 'latest' }, ['--a']],
  ['npm x -- x --a', { package: 'x', wanted: 'latest' }, ['--a']],
  ['pnpm dlx x@2.0.0 a', { package: 'x', wanted: '2.0.0' }, ['a']],
  ['yarn dlx -q x a', { package: 'x', wanted: 'latest' }, ['a']],
])('detects the npm package of %s', (line, source, args) => {
  const program = programIn(folder(), line);
  expect(program).toEqual({ source: { method: 'npm', ...source }, args, allowScripts: [] });
});

it.each([
  ['uvx x', { package: 'x', wanted: '', run: { script: 'x' } }, []],
  ['uvx x@latest a', { package: 'x', wanted: '', run: { script: 'x' } }, ['a']],
  ['uvx x@1.2 --a', { package: 'x', wanted: '==1.2', run: { script: 'x' } }, ['--a']],
  ['uvx x==1.2', { package: 'x', wanted: '==1.2', run: { script: 'x' } }, []],
  ['uvx x[a,b]>=1,<2', { package: 'x', extras: ['a', 'b'], wanted: '>=1,<2' }, []],
  ['uvx --from x[a]@1 run b', { package: 'x', extras: ['a'], wanted: '==1' }, ['b']],
  ['uvx -q --with y>=1,<2 --with z x', { package: 'x', with: ['y>=1,<2', 'z'] }, []],
  ['uvx --with y,z[a,b] x', { package: 'x', with: ['y', 'z[a,b]'] }, []],
  ['uv tool run x a', { package: 'x', run: { script: 'x' } }, ['a']],
  ['pipx run --spec x==1 run a', { package: 'x', wanted: '==1', run: { script: 'run' } }, ['a']],
  ['python -m my_server a', { package: 'my-server', run: { module: 'my_server' } }, ['a']],
  ['python3 -u -B -m x', { package: 'x', run: { module: 'x' } }, []],
  ['py -3 -m x -m', { package: 'x', run: { module: 'x' } }, ['-m']],
])('detects the PyPI package of %s', (line, source, args) => {
  const program = programIn(folder(), line);
  expect(program).toMatchObject({ source: { method: 'pypi', ...source }, args });
});

it.each([
  ['docker run x', 'x', ['run'], []],
  ['docker run -i --rm -e TOKEN mcp/x:1 a', 'mcp/x:1', ['run', '-i', '--rm', '-e', 'TOKEN'], ['a']],
  ['docker run -it --env=A=b x -i', 'x', ['run', '-it', '--env=A=b'], ['-i']],
  ['docker run -ieA x', 'x', ['run', '-ieA'], []],
  ['docker run --pull always --name n x', 'x', ['run', '--pull', 'always', '--name', 'n'], []],
  ['docker run --mount type=bind x', 'x', ['run', '--mount', 'type=bind'], []],
  ['podman run -v /a:/b -- x', 'x', ['run', '-v', '/a:/b', '--'], []],
])('detects the image of %s', (line, image, options, args) => {
  const program = programIn(folder(), line);
  expect(program).toMatchObject({ source: { method: 'docker', image, options }, args });
});

it.each([
  ...['npx', 'npx -c x', 'npx --unknown x', 'npx -p x', 'npx --registry=http://r x'],
  ...['npx github:a/b', 'npx a/b', 'npx ./x', 'npx x.tgz', 'npx file:x', 'npx x@npm:y@1'],
  ...['npx x@file:..', 'npx git+https://h/x.git', 'npx x@${V}', 'npx ${P}', 'npx -p x ${BIN}'],
  ...['npm exec x --a', 'npm install x', 'npm start', 'pnpm x', 'yarn x', '/usr/bin/npx x'],
  ...['uvx', 'uvx --python 3.12 x', 'uvx -p 3.12 x', 'uvx --index-url http://r x', 'uvx ./x'],
  ...['uvx --from git+https://h/x x', 'uvx --from . x', 'uvx x@git+https://h', 'uvx ${P}'],
  ...['uvx --from x', 'uvx --with ./y x', 'uv x', 'uv pip install x', 'pipx install x'],
  ...['python', 'python -m', 'python -c x', 'python -m pip', 'python -m a.b', 'python x.py'],
  ...['python -X dev -m x', 'python3.11 -m x', '/venv/bin/python -m x', 'py -3.11 -m x'],
  ...['uv run x', 'uv run x.py', 'uv --directory /nowhere run x', 'uv run --with a x.py'],
  ...['node', 'node x.js', 'node -e 1', 'node /nowhere/x.js', 'deno run x', 'tsx x.ts'],
  ...['docker', 'docker run', 'docker run -d x', 'docker run --rm', 'docker run --unknown x'],
  ...['docker run -e A=${A} x', 'docker run ${IMAGE}', 'docker compose up', 'docker -H h run x'],
  ...['cmd /c', 'cmd npx x', './server', 'server'],
])('does not change %s', (line) => {
  expect(programIn(folder(), line)).toBeUndefined();
});

it.each<[string, Partial<ServerEntry>]>([
  ['npx x', { asIs: true }],
  ['npx x', { env: { NPM_CONFIG_REGISTRY: 'http://r' } }],
  ['uvx x', { env: { UV_INDEX_URL: 'http://r' } }],
  ['python -m x', { env: { PYTHONPATH: '/p' } }],
  ['npx x', { cwd: '${WHERE}' }],
])('does not change %s with %j', (line, more) => {
  expect(programIn(folder(), line, more)).toBeUndefined();
});

it('does not change commands of packages in the working directory', () => {
  write('node_modules/x/package.json', '{}');
  write('local.py');
  expect(programIn(folder(), 'npx x')).toBeUndefined();
  expect(programIn(folder(), 'python -m local')).toBeUndefined();
});

it('keeps integrity and scripts of the entry', () => {
  expect(programIn('/', 'npx x', { integrity: 'sha512-a', allowScripts: ['y'] })).toMatchObject({
    source: { integrity: 'sha512-a' },
    allowScripts: ['y'],
  });
  const digest = `sha256:${'a'.repeat(64)}`;
  expect(programIn('/', 'docker run x:1', { integrity: digest })).toMatchObject({
    source: { image: `x:1@${digest}` },
  });
});

it('recognises a program that listens on a URL', () => {
  const program = programIn('/', 'npx x --port 80', { url: 'http://localhost:80/mcp' });
  expect(program).toMatchObject({ source: { package: 'x' }, args: ['--port', '80'] });
  expect(programOf({ url: 'http://localhost:80/mcp' }, '/')).toBeUndefined();
});

it('resolves files that arguments refer to', () => {
  expect(programIn('/base', 'npx x ${file:token} ${TOKEN}')?.args).toEqual([
    '${file:/base/token}',
    '${TOKEN}',
  ]);
});

it.each<[string, Partial<ServerEntry>, string]>([
  ['node index.js', {}, '.'],
  ['node --no-warnings index.mjs a', {}, '.'],
  ['node app/dist/index.js', {}, 'app'],
  ['node index.js', { cwd: 'app' }, 'app'],
  ['node server/main.js', { cwd: 'app' }, 'app'],
  ['npm start', { cwd: 'app' }, 'app'],
  ['npm --prefix app run serve', {}, 'app'],
])('detects the Node project of %s with %j', (line, more, dir) => {
  write('package.json', MANIFEST);
  write('app/package.json', MANIFEST);
  write('app/dist/package.json', '{"type":"module"}');
  const [command, ...args] = line.split(' ');
  expect(programIn(folder(), line, more)).toEqual({
    source: { method: 'node-project', dir: path.join(folder(), dir), command },
    args,
    allowScripts: [],
  });
});

it.each<[string, Partial<ServerEntry>]>([
  ['node test/fixtures/x.js', {}],
  ['node test/x.js', {}],
  ['node node_modules/x/index.js', {}],
  ['node broken/x.js', {}],
  ['node bare/x.js', {}],
  ['node index.js', { cwd: 'test' }],
  ['npm start', {}],
])('does not detect a project for %s with %j', (line, more) => {
  write('package.json', MANIFEST);
  write('node_modules/x/package.json', MANIFEST);
  write('broken/package.json', '{');
  write('bare/package.json', '{}');
  expect(programIn(folder(), line, more)).toBeUndefined();
});

it.each<[string, Partial<ServerEntry>, string, string | undefined, string[]]>([
  ['python app/server.py a', {}, 'app', undefined, ['app/server.py', 'a']],
  ['python3 -u app/src/server.py', {}, 'app', undefined, ['-u', 'app/src/server.py']],
  ['python tools/x.py', { cwd: 'app' }, 'app', undefined, ['tools/x.py']],
  ['python -m server a', { cwd: 'app' }, 'app', undefined, ['-m', 'server', 'a']],
  ['uv run server.py a', { cwd: 'app' }, 'app', undefined, ['<app>/server.py', 'a']],
  ['uv run app/server.py', {}, 'app', undefined, ['<app>/server.py']],
  ['uv --directory app run server.py', {}, 'app', undefined, ['<app>/server.py']],
  ['uv run --directory app serve a', {}, 'app', 'serve', ['a']],
  ['uv --project app run serve', {}, 'app', 'serve', []],
  ['uv --directory app run python -m x', {}, 'app', undefined, ['-m', 'x']],
  ['uv --directory app run -q -m x a', {}, 'app', undefined, ['-m', 'x', 'a']],
])('detects the Python project of %s with %j', (line, more, dir, script, args) => {
  write('app/pyproject.toml');
  const app = path.join(folder(), dir);
  const source = { method: 'python-project', dir: app, ...(script !== undefined && { script }) };
  expect(programIn(folder(), line, more)).toEqual({
    source,
    args: args.map((arg) => arg.replace('<app>', app)),
    allowScripts: [],
  });
});

it('detects the Python project of a script beside a requirements.txt', () => {
  write('requirements.txt');
  const source = { method: 'python-project', dir: folder() };
  expect(programIn(folder(), 'python server.py')).toMatchObject({ source });
  expect(programIn(folder(), 'uv run server.py')).toBeUndefined();
});

it.each([
  ['uv --directory app run x', '/base/app'],
  ['uv run --directory=/app x', '/app'],
  ['uv --project app run x', undefined],
  ['python --directory app run x', undefined],
])('starts %s in %s', (line, start) => {
  expect(startFolderOf(entryOf(line), '/base')).toBe(start);
});

it('detects a bundle by its path or URL, with its settings as text', () => {
  const userConfig = { port: 1, on: true, dirs: ['a', '${B}'], token: '${file:t}' };
  expect(programOf({ mcpb: 'x.mcpb', userConfig, integrity: 'sha256:ab' }, '/base')).toEqual({
    source: { method: 'mcpb', file: '/base/x.mcpb', sha256: 'ab' },
    args: [],
    userConfig: { port: '1', on: 'true', dirs: ['a', '${B}'], token: '${file:/base/t}' },
    allowScripts: [],
  });
  const url = 'https://host/x.mcpb';
  expect(programOf({ mcpb: url }, '/base')?.source).toEqual({ method: 'mcpb', file: url });
});
