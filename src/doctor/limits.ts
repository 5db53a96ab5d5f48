import { type MajorMinor } from '../programs/python/python-tools';

const MB = 1_000_000;

/** Same as `engines` in package.json. */
export const OLDEST_NODE: MajorMinor = [20, 19];
/** Minimum free space: with less, the database soon cannot grow. */
export const MIN_FREE_BYTES = 200 * MB;
/** Recommended free space: with less, a few programs with their dependencies and caches fill the disk. */
export const LOW_FREE_BYTES = 2_000 * MB;
/** Version that the dev-server program requires (its go.mod). */
export const OLDEST_GO: MajorMinor = [1, 26];
/** Timeout of one tool command; a version manager in between may take a second on a busy machine. */
export const TOOL_TIMEOUT_MS = 5_000;
/** Timeout of a container client, which may wait for an engine for ever. */
export const ENGINE_TIMEOUT_MS = 2_000;
/** Timeout of a connection on this machine. */
export const CONNECT_TIMEOUT_MS = 1_000;
