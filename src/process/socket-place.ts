import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hasCode } from '../durable-file';
import { hostsFolder } from './group-records';

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

/**
 * Where a host listens: in the data directory, or when that path is too long in a folder of its own under the system's
 * temporary folder, to which a link in the data directory leads. What a dead host of this id has left there is removed.
 */
export function claimSocketPlace(home: string, hostId: string): SocketPlace {
  const known = knownPlace(home, hostId);
  mkdirSync(hostsFolder(home), { recursive: true, mode: 0o700 });
  removePlace(known);
  if (Buffer.byteLength(known) <= MAX_PATH_BYTES) {
    return {
      path: known,
      publish: () => chmodSync(known, 0o600),
      remove: () => rmSync(known, { force: true }),
    };
  }
  const digest = createHash('sha256').update(known).digest('hex').slice(0, 8);
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
  const known = knownPlace(home, hostId);
  try {
    return readlinkSync(known);
  } catch (error) {
    if (hasCode(error, 'EINVAL')) return known; // it is the socket itself
    return undefined;
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
