import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { MainspringClient } from '../src';
import { isInstalled, DEFAULT_INSTALL_CONCURRENCY } from '../src/domain/programs/installs';
import { type Figure, time } from './figures';
import { startInstance } from './instance';

/** Published servers of different sizes, in the versions that were current when this was written. */
const PACKAGES = [
  '@modelcontextprotocol/server-everything@2026.8.31',
  '@modelcontextprotocol/server-filesystem@2026.8.31',
  '@modelcontextprotocol/server-memory@2026.8.31',
  '@modelcontextprotocol/server-sequential-thinking@2026.8.31',
  '@modelcontextprotocol/server-github@2025.4.8',
  '@modelcontextprotocol/server-gitlab@2025.4.25',
  '@modelcontextprotocol/server-slack@2025.4.25',
  '@modelcontextprotocol/server-brave-search@0.6.2',
  '@modelcontextprotocol/server-postgres@0.6.2',
  '@upstash/context7-mcp@4.1.1',
];

/** Benchmarks ten npm servers, each pinned in a folder of its own, beside one `npm install` of all ten in one folder. */
export async function benchInstall(progress: (line: string) => void): Promise<Figure[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mainspring-bench-npm-'));
  const figures: Figure[] = [];
  const add = async (key: string, label: string, run: () => Promise<unknown>) => {
    const value = Math.round(await time(run));
    progress(`  ${label}: ${value} ms`);
    figures.push({ key, label, value, unit: 'ms' });
  };
  try {
    const plain = (name: string) => npmInstall(folder, name, PACKAGES);
    await add('npmColdMs', 'npm install of ten, empty cache', () => plain('cold'));
    await add('npmWarmMs', 'npm install of ten, warm cache', () => plain('warm'));
    await add('npmApartMs', 'npm install of ten, a folder each, three at once, warm cache', () =>
      npmInstallApart(folder),
    );
    await withInstance(path.join(folder, 'mainspring-cache'), async (client) => {
      const install = (force: boolean) => async () => {
        const reports = await client.installs.install(undefined, { force });
        const failed = reports.find((report) => !isInstalled(report));
        if (failed) throw new Error(`${failed.server}: ${failed.detail}`);
      };
      await add('installColdMs', 'mainspring install of ten, empty cache', install(false));
      await add('installWarmMs', 'mainspring install of ten again, warm cache', install(true));
      await add('installDoneMs', 'mainspring install of ten that are there', install(false));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return figures;
}

/** Installs as Mainspring does, so that servers neither share nor break each other's dependencies. */
async function npmInstallApart(folder: string): Promise<void> {
  const queue = PACKAGES.values();
  const work = async () => {
    for (const name of queue) await npmInstall(folder, 'apart', [name]);
  };
  await Promise.all(Array.from({ length: DEFAULT_INSTALL_CONCURRENCY }, work));
}

async function npmInstall(folder: string, name: string, packages: string[]): Promise<void> {
  const cwd = await mkdtemp(path.join(folder, `${name}-`));
  await writeFile(path.join(cwd, 'package.json'), '{"private":true}');
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev'];
  const npm = spawn('npm', ['install', ...flags, ...packages], {
    cwd,
    env: { ...process.env, npm_config_cache: path.join(folder, 'npm-cache') },
    stdio: 'ignore',
  });
  const [code] = (await once(npm, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`npm install ended with code ${code}`);
}

async function withInstance(
  cache: string,
  work: (client: MainspringClient) => Promise<void>,
): Promise<void> {
  const servers = new Map(
    PACKAGES.map((name, index) => [
      `server-${index + 1}`,
      { command: 'npx', args: ['-y', name], autostart: false },
    ]),
  );
  const env = { npm_config_cache: cache };
  const instance = await startInstance(Object.fromEntries(servers), env);
  const client = await MainspringClient.connect({ home: instance.home });
  try {
    await work(client);
  } finally {
    await client.close();
    await instance.close();
  }
}
