/** Protocol versions of this era, newest first. */
const LEGACY_VERSIONS = [
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
] as const;
export type LegacyVersion = (typeof LEGACY_VERSIONS)[number];

/**
 * Returns the version for `initialize`: the requested one if it is known, otherwise the newest
 * (2025-11-25, lifecycle).
 */
export function negotiatedVersion(requested: unknown): LegacyVersion {
  return LEGACY_VERSIONS.find((version) => version === requested) ?? LEGACY_VERSIONS[0];
}

export function isLegacyVersion(version: string): boolean {
  return LEGACY_VERSIONS.some((known) => known === version);
}

/** Several messages in one POST: only 2025-03-26 allows that. */
export const allowsBatches = (version: string) => version === '2025-03-26';

/**
 * Events without a message at the start of a stream (SEP-1699): older clients fail to parse them.
 */
export const allowsEmptyEvents = (version: string) => version >= '2025-11-25';

export const allowsTasks = (version: string) => version === '2025-11-25';
