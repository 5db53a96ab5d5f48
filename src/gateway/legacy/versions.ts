/** Protocol versions of this era, the newest first. */
const LEGACY_VERSIONS = [
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
] as const;
export type LegacyVersion = (typeof LEGACY_VERSIONS)[number];

/** What `initialize` agrees on: what the client asks for if it is known, else the newest (2025-11-25, lifecycle). */
export function negotiatedVersion(asked: unknown): LegacyVersion {
  return LEGACY_VERSIONS.find((version) => version === asked) ?? LEGACY_VERSIONS[0];
}

export function isLegacyVersion(version: string): boolean {
  return LEGACY_VERSIONS.some((known) => known === version);
}

/** Several messages in one POST: came with 2025-03-26 and went with the next one. */
export const allowsBatches = (version: string) => version === '2025-03-26';

/** Events without a message at the start of a stream (SEP-1699): older clients take them for broken JSON. */
export const allowsEmptyEvents = (version: string) => version >= '2025-11-25';

export const allowsTasks = (version: string) => version === '2025-11-25';
