import { readdir, readFile, readlink } from 'node:fs/promises';
import { onPath } from '../../programs/python/python-tools';
import { processIds } from '../../process/proc';
import { TOOL_TIMEOUT_MS } from '../limits';
import { runProbe } from './run-probe';

/** State of a listening socket in /proc/net/tcp. */
const LISTENING = '0A';

/** The process that listens on a TCP port, such as `node (pid 42)`; undefined when the system does not report it. */
export async function portOwner(port: number): Promise<string | undefined> {
  if (process.platform === 'linux') return ownerFromProc(port);
  const lsof = onPath('lsof', process.env);
  if (lsof === undefined) return undefined;
  const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'];
  const limits = { env: process.env, timeoutMs: TOOL_TIMEOUT_MS };
  const { stdout } = await runProbe(lsof, args, limits);
  const [, pid, name] = /^p(\d+)\nc(.+)$/m.exec(stdout) ?? [];
  return pid === undefined ? undefined : `${name} (pid ${pid})`;
}

async function ownerFromProc(port: number): Promise<string | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readText(`/proc/net/${name}`)));
  const sockets = new Set(tables.flatMap((table) => listeners(table, port)));
  if (sockets.size === 0) return undefined;
  for (const pid of processIds()) {
    if (!(await holds(pid, sockets))) continue;
    return `${(await readText(`/proc/${pid}/comm`)).trim()} (pid ${pid})`;
  }
  return undefined;
}

/** Sockets that listen on a port, named as in the links of /proc/<pid>/fd. */
function listeners(table: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === LISTENING && local.endsWith(`:${hexPort}`) ? [`socket:[${inode}]`] : [];
  });
}

async function holds(pid: number, sockets: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []); // owned by another user, or ended
  for (const name of names) {
    const target = await readlink(`${folder}/${name}`).catch(() => '');
    if (sockets.has(target)) return true;
  }
  return false;
}

function readText(file: string): Promise<string> {
  return readFile(file, 'latin1').catch(() => '');
}
