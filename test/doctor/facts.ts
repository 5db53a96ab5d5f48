import { type Facts, type ServerFacts } from '../../src/doctor/facts';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { specOf } from '../../src/inventory/normalise';

/** Facts of a machine that has everything. */
export function goodFacts(more: Partial<Facts> = {}): Facts {
  const tool = (version: string) => ({ state: 'found' as const, file: '/usr/bin/tool', version });
  return {
    platform: {
      ...{ os: 'linux', arch: 'x64', isRoot: false, packageTool: 'apt-get', services: 'systemd' },
    },
    node: '22.1.0',
    npm: tool('10.9.0'),
    git: tool('2.39.5'),
    uv: tool('0.9.1'),
    python: {
      ...{ state: 'found', executable: '/usr/bin/python3', version: '3.12.1' },
      ...{ makesEnvironments: true, canInstallUv: true },
    },
    docker: { state: 'running', version: '28.2.2' },
    podman: { state: 'absent' },
    disk: { folder: '/data', freeBytes: 50e9 },
    home: { folder: '/data', state: 'usable' },
    temporal: {
      state: 'executable',
      source: 'cache',
      file: '/cache/temporal-built-c-1',
      version: '1.9.1',
    },
    proxy: { here: { http: undefined, https: undefined, except: '' } },
    ports: [{ use: 'Temporal', port: 7233, chosen: 7233 }],
    ...more,
  };
}

/** Facts of a server that lacks nothing, except for `more`. */
export function serverFacts(
  name: string,
  entry: ServerEntry,
  more: Partial<ServerFacts> = {},
): ServerFacts {
  const spec = specOf(name, { entry, baseDir: '/srv' });
  return {
    name,
    spec,
    variables: [],
    unreadableFiles: [],
    secretFields: [],
    unmasked: [],
    ...more,
  };
}
