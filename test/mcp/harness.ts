import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  DEFAULT_LIMITS,
  DEFAULT_RESTART,
  DEFAULT_RETRY,
  DEFAULT_TIMEOUTS,
  type ServerSpec,
  type StdioSpec,
  type UrlSpec,
} from '../../src/domain/spec';
import {
  type ConnectionDeps,
  type McpConnection,
  openConnection,
} from '../../src/mcp/session/connection';
import { openServerLog, type ServerLog } from '../../src/process/log-file';
import { createMask } from '../../src/process/mask';

export const fixture = (name: string) => resolve(__dirname, '../fixtures', name);

const common = {
  name: 'tiny',
  timeouts: { ...DEFAULT_TIMEOUTS, startMs: 10_000 },
  restart: DEFAULT_RESTART,
  limits: DEFAULT_LIMITS,
  retry: DEFAULT_RETRY,
  tags: [],
  overlap: false,
  protocol: 'auto',
  enabled: true,
  autostart: true,
} as const;

/** A spec of the tiny server on stdio. */
export function stdioSpec(
  env: Record<string, string> = {},
  over: Partial<StdioSpec> = {},
): StdioSpec {
  const args = [fixture('tiny-server.js')];
  const process_ = { command: process.execPath, args, env, cwd: tmpdir() };
  return { ...common, tags: [], type: 'stdio', process: process_, ...over };
}

export function urlSpec(type: UrlSpec['type'], url: string, over: Partial<UrlSpec> = {}): UrlSpec {
  return { ...common, tags: [], type, remote: { url, headers: {} }, ...over };
}

/** A host as far as connections need one, in a folder that goes away with it. */
export interface TestHost {
  readonly folder: string;
  readonly log: ServerLog;
  /** Groups that were spawned and are not gone. */
  readonly groups: Set<number>;
  open(spec: ServerSpec, over?: Partial<ConnectionDeps>): Promise<McpConnection>;
  /** Kills what the test left open. */
  close(): Promise<void>;
}

export function createTestHost(secrets: string[] = []): TestHost {
  const folder = mkdtempSync(join(tmpdir(), 'mainspring-mcp-'));
  const log = openServerLog(join(folder, 'server.log'), createMask(secrets));
  const groups = new Set<number>();
  const connections: McpConnection[] = [];
  return {
    folder,
    log,
    groups,
    async open(spec, over) {
      const connection = await openConnection(spec, {
        hostId: 'test-host',
        log,
        onSpawn: (pgid) => groups.add(pgid),
        onGone: (pgid) => groups.delete(pgid),
        ...over,
      });
      connections.push(connection);
      return connection;
    },
    async close() {
      await Promise.all(connections.map((connection) => connection.kill()));
      await log.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
