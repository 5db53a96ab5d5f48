import { type Instance } from '../../offline/instance';

/** `info --json`: a contract. */
export interface Info {
  home: string;
  version: string;
  temporal: Instance['temporal'];
  /** The endpoint for MCP clients; left out when this instance has none. */
  mcp?: { url: string };
  /** `hosts` holds every host of the data directory, including those that were started by hand. */
  pids: Instance['pids'];
}

export async function infoOf(home: string, instance: Instance): Promise<Info> {
  const { hostPids } = await import('../../offline/instance.js');
  const { version, temporal, apiUrl, pids } = instance;
  const { up, temporal: temporalPid, worker, api } = pids;
  return {
    home,
    version,
    temporal,
    ...(apiUrl !== undefined && { mcp: { url: `${apiUrl}/mcp` } }),
    pids: { up, temporal: temporalPid, worker, api, hosts: hostPids(home, instance) },
  };
}

export function renderInfo({ home, version, temporal, mcp, pids }: Info): string {
  const hosts = Object.entries(pids.hosts).map(([id, pid]) => `${id} ${pid}`);
  const lines = [
    ['Version', version],
    ['Data', home],
    ['Temporal', `${temporal.address}, namespace ${temporal.namespace}`],
    ['MCP', mcp?.url ?? 'off'],
    ['UI', temporal.uiUrl ?? 'off'],
    [
      'Processes',
      [
        `up ${pids.up}`,
        ...part('temporal', pids.temporal),
        ...part('worker', pids.worker),
        ...hosts.map((host) => `host ${host}`),
        ...part('api', pids.api),
      ].join(', '),
    ],
  ];
  return lines.map(([label, value]) => `${`${label}:`.padEnd(11)}${value}`).join('\n');
}

function part(name: string, pid: number | undefined): string[] {
  return pid === undefined ? [] : [`${name} ${pid}`];
}
