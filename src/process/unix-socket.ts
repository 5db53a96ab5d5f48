import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MainspringError } from '../base/errors';
import { hasCode } from '../base/durable-file';
import { hostsFolder } from './group-records';
import { sha256 } from '../base/sha256';

/** Longest path of a socket that every Unix accepts, its end included: 104 on macOS, 108 on Linux. */
const MAX_PATH_BYTES = 103;
const SUFFIX = '.sock';

export interface ClaimedSocket {
  /** Path to listen on. */
  path: string;
  /** Publishes the socket once it listens: only this user can connect, and others find it from now on. */
  publish(): void;
  /** Removes it, also from the path by which others find it. */
  remove(): void;
}

/** Claims the socket of a host. Leftovers of a dead host with this ID are removed. */
export function claimHostSocket(home: string, hostId: string): ClaimedSocket {
  mkdirSync(hostsFolder(home), { recursive: true, mode: 0o700 });
  return claimSocket(hostSocketPath(home, hostId));
}

/** Returns the socket of a data directory's gateway for the commands of its user: `mainspring stdio`. */
export const apiSocket = (home: string) => path.join(home, `api${SUFFIX}`);

/**
 * Claims a socket that is found by `publicPath`, a path in the data directory. It is there, or when that path is too
 * long in a folder of its own under the system's temporary folder, with a link to it. Leftovers are removed.
 */
export function claimSocket(publicPath: string): ClaimedSocket {
  removeSocket(publicPath);
  if (Buffer.byteLength(publicPath) <= MAX_PATH_BYTES) {
    return {
      path: publicPath,
      publish: () => chmodSync(publicPath, 0o600),
      remove: () => rmSync(publicPath, { force: true }),
    };
  }
  const digest = sha256(publicPath).slice(0, 8);
  const folder = mkdtempSync(path.join(tmpdir(), `mainspring-${digest}-`)); // mode 0700
  const longPath = path.join(folder, `h${SUFFIX}`);
  return {
    path: longPath,
    publish: () => {
      chmodSync(longPath, 0o600);
      symlinkSync(longPath, publicPath);
    },
    remove: () => removeSocket(publicPath),
  };
}

/** Returns the path to connect to; undefined when this host has no socket here. */
export function findSocket(home: string, hostId: string): string | undefined {
  return resolveSocket(hostSocketPath(home, hostId));
}

/**
 * Returns the path to connect to for `publicPath`; undefined when there is none. The other side can be trusted with the
 * user's identity, because only this user can have put a socket there.
 *
 * @throws MainspringError HOME_UNUSABLE when another user could have
 */
export function findOwnSocket(publicPath: string): string | undefined {
  const own = inOwnFolder(publicPath);
  const found = resolveSocket(own);
  return found === undefined || found === own ? found : inOwnFolder(found);
}

function resolveSocket(publicPath: string): string | undefined {
  try {
    return readlinkSync(publicPath);
  } catch (error) {
    // It is the socket itself (EINVAL), or there is none.
    return hasCode(error, 'EINVAL') ? publicPath : undefined;
  }
}

/**
 * Returns the file by a path that no other user can redirect: in a folder that another user can enter or change, anyone
 * may listen.
 */
function inOwnFolder(file: string): string {
  const folder = realFolder(path.dirname(file));
  if (folder === undefined) return file;
  const { mode, uid } = statSync(folder);
  const problem =
    process.getuid && uid !== process.getuid()
      ? 'belongs to another user'
      : (mode & 0o077) !== 0
        ? `is open to other users (mode ${(mode & 0o777).toString(8)})`
        : undefined;
  if (problem !== undefined) {
    const message = `The folder of the gateway's socket, ${folder}, ${problem}.`;
    const fix = `If it is yours, restrict it: chmod 700 ${folder}. If not, choose another data directory: MAINSPRING_HOME=<dir>.`;
    throw new MainspringError('HOME_UNUSABLE', message, { fix });
  }
  const real = path.join(folder, path.basename(file));
  return Buffer.byteLength(real) <= MAX_PATH_BYTES ? real : file;
}

function realFolder(folder: string): string | undefined {
  try {
    return realpathSync(folder);
  } catch {
    return undefined; // there is no such folder, and so no socket in it
  }
}

/** Returns the IDs of the hosts that have a socket here, including dead ones. */
export function socketHosts(home: string): string[] {
  try {
    return readdirSync(hostsFolder(home)).flatMap((file) => hostOfSocket(file) ?? []);
  } catch {
    return []; // no host has ever run here
  }
}

/** Returns the host whose socket a file of the hosts folder is. */
export function hostOfSocket(file: string): string | undefined {
  return file.endsWith(SUFFIX) ? file.slice(0, -SUFFIX.length) : undefined;
}

const hostSocketPath = (home: string, hostId: string) =>
  path.join(hostsFolder(home), `${hostId}${SUFFIX}`);

function removeSocket(publicPath: string): void {
  const target = linkTarget(publicPath);
  if (target !== undefined) {
    rmSync(target, { force: true });
    removeFolder(path.dirname(target));
  }
  rmSync(publicPath, { force: true });
}

/** Removes a folder only if it is empty: the link may lead to anything. */
function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is not empty, or the system has already removed it.
  }
}

function linkTarget(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
