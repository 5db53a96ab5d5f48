import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { useTemporaryFolder } from '../temporary-folder';

const repository = path.resolve(__dirname, '../..');
const temporaryFolder = useTemporaryFolder();

interface Ended {
  code: number | null;
  said: string;
}

/** A checkout with the real scripts, whose npm and compiler are stand-ins that count their runs and take `seconds`. */
class Checkout {
  readonly root = path.join(temporaryFolder(), 'checkout');
  readonly bin = path.join(temporaryFolder(), 'bin');
  seconds = '0';

  async create(): Promise<this> {
    cpSync(path.join(repository, 'scripts'), path.join(this.root, 'scripts'), { recursive: true });
    await this.write('src/index.ts', 'one');
    await this.lock('1.0.0');
    await this.write('scripts/obtain-temporal.js', '');
    await this.write('scripts/build-workflows.js', '');
    await this.program('npm', this.counting('npm', FAKE_NPM));
    await mkdir(path.join(this.root, 'templates'));
    await this.write('templates/tsc', this.counting('tsc', FAKE_TSC));
    return this;
  }

  lock(version: string): Promise<void> {
    return this.write('package-lock.json', lockOf(version));
  }

  async write(name: string, content: string): Promise<void> {
    const file = path.join(this.root, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }

  start(): ChildProcess {
    const { npm_execpath: _ours, ...env } = process.env;
    return spawn(process.execPath, ['-e', `require('./scripts/prepare').prepare()`], {
      cwd: this.root,
      env: { ...env, PATH: `${this.bin}:${process.env['PATH']}`, SECONDS_EACH: this.seconds },
    });
  }

  prepare(): Promise<Ended> {
    return ended(this.start());
  }

  runs(): string[] {
    return this.log().map((line) => line.split(' ')[0] ?? '');
  }

  pids(): number[] {
    return this.log().map((line) => Number(line.split(' ')[1]));
  }

  private log(): string[] {
    const file = path.join(this.root, 'runs');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  private counting(name: string, code: string): string {
    return `#!/usr/bin/env node
const fs = require('node:fs');
fs.appendFileSync('runs', '${name} ' + process.pid + '\\n');
setTimeout(() => { ${code} }, Number(process.env.SECONDS_EACH) * 1000);`;
  }

  private async program(name: string, content: string): Promise<void> {
    await mkdir(this.bin, { recursive: true });
    await writeFile(path.join(this.bin, name), content);
    await chmod(path.join(this.bin, name), 0o755);
    const node = path.join(this.bin, 'node');
    if (!existsSync(node)) await symlink(process.execPath, node);
  }
}

const lockOf = (version: string) =>
  JSON.stringify({
    packages: {
      '': { name: 'mainspring' },
      'node_modules/typescript': { version },
      'node_modules/other-platform': { version, optional: true },
    },
  });

const FAKE_NPM = `
fs.mkdirSync('node_modules/typescript/bin', { recursive: true });
fs.copyFileSync('templates/tsc', 'node_modules/typescript/bin/tsc');
const { packages } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
delete packages[''];
delete packages['node_modules/other-platform'];
fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));`;

const FAKE_TSC = `
if (fs.readFileSync('src/index.ts', 'utf8') === 'broken') {
  console.log('src/index.ts(1,1): error TS1005');
  process.exit(2);
}
const folder = process.argv.at(-1);
fs.mkdirSync(folder, { recursive: true });
fs.copyFileSync('src/index.ts', folder + '/index.js');`;

async function ended(child: ChildProcess): Promise<Ended> {
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function untilRunning(checkout: Checkout, name: string): Promise<void> {
  while (!checkout.runs().includes(name)) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('installs and builds what is missing, says how long it took, and is silent the next time', async () => {
  const checkout = await new Checkout().create();
  const first = await checkout.prepare();
  expect(first.code).toBe(0);
  expect(first.said).toMatch(/Installing .*\n {2}done in .* s\nBuilding…\n {2}done in .* s/);
  expect(await readFile(path.join(checkout.root, 'dist/index.js'), 'utf8')).toBe('one');
  expect(await checkout.prepare()).toEqual({ code: 0, said: '' });
  expect(checkout.runs()).toEqual(['npm', 'tsc']);
});

test('builds again after a change of the sources, without files of the last build', async () => {
  const checkout = await new Checkout().create();
  await checkout.prepare();
  await checkout.write('dist/removed.js', '');
  await checkout.write('src/index.ts', 'two');
  await checkout.prepare();
  expect(checkout.runs()).toEqual(['npm', 'tsc', 'tsc']);
  expect((await readdir(path.join(checkout.root, 'dist'))).sort()).toEqual([
    '.sources',
    'index.js',
  ]);
});

test('installs again after a change of the lock file', async () => {
  const checkout = await new Checkout().create();
  await checkout.prepare();
  await checkout.lock('2.0.0');
  await checkout.prepare();
  expect(checkout.runs()).toEqual(['npm', 'tsc', 'npm', 'tsc']);
});

test('an install that was interrupted counts as none', async () => {
  const checkout = await new Checkout().create();
  await checkout.prepare();
  rmSync(path.join(checkout.root, 'node_modules/.package-lock.json'));
  await checkout.prepare();
  expect(checkout.runs()).toEqual(['npm', 'tsc', 'npm']);
});

test('a build that fails shows why, and leaves the last one as it is', async () => {
  const checkout = await new Checkout().create();
  await checkout.prepare();
  await checkout.write('src/index.ts', 'broken');
  const failed = await checkout.prepare();
  expect(failed.code).toBe(1);
  expect(failed.said).toContain('src/index.ts(1,1): error TS1005');
  expect(await readFile(path.join(checkout.root, 'dist/index.js'), 'utf8')).toBe('one');
  expect(await readdir(checkout.root)).not.toContain('dist.building');
});

test('two at once install and build once', async () => {
  const checkout = await new Checkout().create();
  checkout.seconds = '0.5';
  const results = await Promise.all([checkout.prepare(), checkout.prepare()]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(results.map(({ said }) => said).join()).toContain('Waiting for process');
  expect(checkout.runs()).toEqual(['npm', 'tsc']);
});

test('what a killed process had started ends with it, and its lock is taken over', async () => {
  const checkout = await new Checkout().create();
  checkout.seconds = '600';
  const killed = checkout.start();
  await untilRunning(checkout, 'npm');
  const npm = checkout.pids().at(-1) ?? 0;
  killed.kill('SIGKILL');
  while (isAlive(npm)) await new Promise((resolve) => setTimeout(resolve, 20));
  checkout.seconds = '0';
  expect((await checkout.prepare()).code).toBe(0);
  expect(await readdir(checkout.root)).not.toContain('.prepare.lock');
});

test.each([
  ['SIGINT', 'npm', 130],
  ['SIGTERM', 'tsc', 143],
] as const)('%s during %s ends it at once', async (signal, step, exitCode) => {
  const checkout = await new Checkout().create();
  if (step === 'tsc') {
    await checkout.prepare();
    await checkout.write('src/index.ts', 'two');
    rmSync(path.join(checkout.root, 'runs'));
  }
  checkout.seconds = '600';
  const child = checkout.start();
  const result = ended(child);
  await untilRunning(checkout, step);
  child.kill(signal);
  const { code, said } = await result;
  expect(checkout.pids().filter(isAlive)).toEqual([]);
  expect(code).toBe(exitCode);
  expect(said).toContain('Interrupted');
  expect(await readdir(checkout.root)).not.toContain('.prepare.lock');
  expect(await readdir(checkout.root)).not.toContain('dist.building');
});
