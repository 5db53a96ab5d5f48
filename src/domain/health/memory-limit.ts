import { type ServerLimits } from '../spec';

const BYTES_PER_MB = 1024 * 1024;

/** Returns by how much a process group exceeds the limit, or undefined. */
export function memoryExcess(
  { memoryMb }: Pick<ServerLimits, 'memoryMb'>,
  rssBytes: number,
): string | undefined {
  if (memoryMb === undefined || rssBytes <= memoryMb * BYTES_PER_MB) return undefined;
  return `uses ${Math.ceil(rssBytes / BYTES_PER_MB)} MB of memory, more than its limit of ${memoryMb} MB`;
}
