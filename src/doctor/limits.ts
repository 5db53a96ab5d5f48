import { type MajorMinor } from '../programs/python/python-tools';

const MB = 1_000_000;

/** `engines` of package.json. */
export const OLDEST_NODE: MajorMinor = [20, 19];
/** With less free space the database soon cannot grow any more. */
export const MIN_FREE_BYTES = 200 * MB;
/** With less, a few programs with their dependencies and caches fill the disk. */
export const LOW_FREE_BYTES = 2_000 * MB;
/** The program of dev-server needs it (its go.mod). */
export const OLDEST_GO: MajorMinor = [1, 26];
/** One question to a tool; a version manager in between may take a second on a busy machine. */
export const TOOL_TIMEOUT_MS = 5_000;
/** A client without an engine may wait for one for ever. */
export const ENGINE_TIMEOUT_MS = 2_000;
/** For a connection on this machine. */
export const CONNECT_TIMEOUT_MS = 1_000;
