import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Published {
  name: string;
  version: string;
  [member: string]: unknown;
}

export interface Registry {
  url: string;
  /** Environment for npm, with a cache for this registry only. */
  env: NodeJS.ProcessEnv;
  /** Requested paths. */
  requests: string[];
  /** Publishes a package; `integrity` replaces the correct one. */
  publish(
    manifest: Published,
    files?: Record<string, string>,
    integrity?: string,
  ): Promise<{ integrity: string }>;
  /** Starts or stops sending only the beginning of tarballs. */
  holdTarballs(isHeld: boolean): void;
  close(): Promise<void>;
}

/** A minimal npm registry for packages that no real one contains. */
export async function startRegistry(): Promise<Registry> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mainspring-test-registry-'));
  const packages = new Map<string, Record<string, unknown>>();
  const tarballs = new Map<string, Buffer>();
  const requests: string[] = [];
  let isHeld = false;
  const answer = (url: string, response: ServerResponse) => {
    const tarball = tarballs.get(url);
    if (tarball && isHeld) {
      response.writeHead(200, { 'content-length': tarball.length });
      response.write(tarball.subarray(0, 10));
      return;
    }
    if (tarball) return response.end(tarball);
    const versions = packages.get(decodeURIComponent(url.slice(1)));
    response.writeHead(versions ? 200 : 404, { 'content-type': 'application/json' });
    const [latest] = Object.keys(versions ?? {}).slice(-1);
    response.end(JSON.stringify(versions ? { versions, 'dist-tags': { latest } } : {}));
  };
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(request.url ?? '', response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    requests,
    env: { npm_config_registry: url, npm_config_cache: path.join(folder, 'cache') },
    async publish(manifest, files = {}, integrity) {
      const tarball = await pack(folder, manifest, files);
      const file = `/${manifest.name}/-/${manifest.version}.tgz`;
      const right = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
      const dist = { tarball: url + file, integrity: integrity ?? right };
      const scripts = (manifest.scripts ?? {}) as Record<string, string>;
      const hasInstallScript = ['preinstall', 'install', 'postinstall'].some((one) => scripts[one]);
      tarballs.set(file, tarball);
      packages.set(manifest.name, {
        ...packages.get(manifest.name),
        [manifest.version]: { ...manifest, dist, ...(hasInstallScript && { hasInstallScript }) },
      });
      return { integrity: right };
    },
    holdTarballs: (value) => (isHeld = value),
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function pack(
  folder: string,
  manifest: Published,
  files: Record<string, string>,
): Promise<Buffer> {
  const source = await mkdtemp(path.join(folder, 'pack-'));
  const all = { 'package.json': JSON.stringify(manifest), ...files };
  for (const [name, content] of Object.entries(all)) {
    const file = path.join(source, 'package', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  await run('tar', ['-czf', path.join(source, 'package.tgz'), '-C', source, 'package']);
  return readFile(path.join(source, 'package.tgz'));
}
