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

/** What every Unix takes for the path of a socket, its end included: 104 on macOS, 108 on Linux. */
const MAX_PATH_BYTES = 103;
const SUFFIX = '.sock';

export interface SocketPlace {
  /** To listen on. */
  path: string;
  /** To be called when it listens: nobody but this user may connect, and others find it from now on. */
  publish(): void;
  /** Removes it, also from where others find it. */
  remove(): void;
}

/** Where a host listens. What a dead host of this id has left there is removed. */
export function claimSocketPlace(home: string, hostId: string): SocketPlace {
  mkdirSync(hostsFolder(home), { recursive: true, mode: 0o700 });
  return claimSocket(knownPlace(home, hostId));
}

/** Where the gateway of a data directory listens for the commands of its user: `mainspring stdio`. */
export const apiSocket = (home: string) => path.join(home, `api${SUFFIX}`);

/**
 * A place to listen that is found by `known`, a path in the data directory: there, or when that path is too long in a folder of its own
 * under the system's temporary folder, to which a link leads. What was there before is removed.
 */
export function claimSocket(known: string): SocketPlace {
  removePlace(known);
  if (Buffer.byteLength(known) <= MAX_PATH_BYTES) {
    return {
      path: known,
      publish: () => chmodSync(known, 0o600),
      remove: () => rmSync(known, { force: true }),
    };
  }
  const digest = sha256(known).slice(0, 8);
  const folder = mkdtempSync(path.join(tmpdir(), `mainspring-${digest}-`)); // mode 0700
  const place = path.join(folder, `h${SUFFIX}`);
  return {
    path: place,
    publish: () => {
      chmodSync(place, 0o600);
      symlinkSync(place, known);
    },
    remove: () => removePlace(known),
  };
}

/** The path to connect to; undefined when this host has no socket here. */
export function findSocket(home: string, hostId: string): string | undefined {
  return whereSocketIs(knownPlace(home, hostId));
}

/**
 * The path to connect to for what is known by `known`; undefined when there is none. Whoever connects may say who it is, because nobody
 * but this user can have put a socket there.
 *
 * @throws MainspringError HOME_UNUSABLE when somebody else could have
 */
export function findOwnSocket(known: string): string | undefined {
  const here = inOwnFolder(known);
  const found = whereSocketIs(here);
  return found === undefined || found === here ? found : inOwnFolder(found);
}

function whereSocketIs(known: string): string | undefined {
  try {
    return readlinkSync(known);
  } catch (error) {
    // It is the socket itself, or there is none.
    return hasCode(error, 'EINVAL') ? known : undefined;
  }
}

/** The file by a path that nobody else can lead elsewhere: in a folder that another user can enter or change, anybody may listen. */
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

/** The ids of the hosts that have a socket here, dead ones among them. */
export function socketHosts(home: string): string[] {
  try {
    return readdirSync(hostsFolder(home)).flatMap((file) => hostOfSocket(file) ?? []);
  } catch {
    return []; // no host has ever run here
  }
}

/** The host that a file of the folder of hosts is the socket of. */
export function hostOfSocket(file: string): string | undefined {
  return file.endsWith(SUFFIX) ? file.slice(0, -SUFFIX.length) : undefined;
}

const knownPlace = (home: string, hostId: string) =>
  path.join(hostsFolder(home), `${hostId}${SUFFIX}`);

function removePlace(known: string): void {
  const elsewhere = linkTarget(known);
  if (elsewhere !== undefined) {
    rmSync(elsewhere, { force: true });
    removeFolder(path.dirname(elsewhere));
  }
  rmSync(known, { force: true });
}

/** Only an empty one: the link may lead to anything. */
function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Something else is in it, or the system has cleaned up before.
  }
}

function linkTarget(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
