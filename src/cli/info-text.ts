import { type Instance } from '../client/instance';

/** `info --json`: a contract. */
export function infoOf(home: string, { version, temporal, apiUrl, pids }: Instance) {
  return { home, version, temporal, apiUrl, pids };
}

export function renderInfo(home: string, { version, temporal, apiUrl, pids }: Instance): string {
  const hosts = Object.entries(pids.hosts).map(([id, pid]) => `${id} ${pid}`);
  const lines = [
    ['Version', version],
    ['Data', home],
    ['Temporal', `${temporal.address}, namespace ${temporal.namespace}`],
    ['MCP', apiUrl ? `${apiUrl}/mcp` : 'off'],
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
