import path from 'node:path';
import { packageRoot } from '../../src/base/package-root';
import { type BenchInstance, startInstance, tiny, tinyServer } from '../instance';
import { until } from '../until';
import { legacyHttp, modernHttp, stdio } from './callers';
import { type Target } from './load';
import { answers, type Contestant, runPeer } from './peers';

const TOOL = 'echo';
const HTTP_SERVER = path.join(packageRoot(), 'test', 'fixtures', 'http-server.js');

/** Server with nothing between: what a gateway is measured against. */
export const NOTHING_BETWEEN: Contestant[] = [
  {
    name: 'server on stdio, SDK client',
    start: async () => ({
      target: stdio(tiny.command, tiny.args, TOOL),
      mark: tinyServer,
      stop: async () => undefined,
    }),
  },
  {
    name: 'server on HTTP, written with the SDK',
    start: () =>
      runPeer((port) => ({
        command: ['env', `PORT=${port}`, process.execPath, HTTP_SERVER],
        target: legacyHttp(`http://127.0.0.1:${port}/mcp`, TOOL),
      })),
  },
];

/** The same server three times: each call through Temporal, straight to its host, and answered from the cache. */
const SERVERS = {
  durable: tiny,
  direct: { ...tiny, direct: ['*'] },
  cached: { ...tiny, cache: { tools: ['*'], ttl: '10m' } },
};

export interface MainspringUnderTest {
  instance: BenchInstance;
  apiUrl: string;
  apiPid: number;
  targets: { name: string; target: Target }[];
}

export async function startMainspring(): Promise<MainspringUnderTest> {
  const instance = await startInstance(SERVERS, {}, ['--port', '0']);
  const { apiUrl, pids } = await instance.instance();
  if (apiUrl === undefined || pids.api === undefined) throw new Error('it has no MCP endpoint');
  const url = (server: string) => `${apiUrl}/mcp/s/${server}`;
  const targets = [
    { name: 'Mainspring, durable', target: legacyHttp(url('durable'), TOOL) },
    { name: 'Mainspring, direct path', target: legacyHttp(url('direct'), TOOL) },
    { name: 'Mainspring, cached', target: legacyHttp(url('cached'), TOOL) },
    { name: 'Mainspring, direct path, modern client', target: modernHttp(url('direct'), TOOL) },
  ];
  for (const { name, target } of targets) await until(`${name} answers`, () => answers(target));
  return { instance, apiUrl, apiPid: pids.api, targets };
}
