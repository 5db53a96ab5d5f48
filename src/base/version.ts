import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root';

/** Version of this package. */
export const VERSION = versionOf(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));

function versionOf(text: string): string {
  const manifest: unknown = JSON.parse(text);
  const hasVersion = manifest !== null && typeof manifest === 'object' && 'version' in manifest;
  return hasVersion ? String(manifest.version) : 'unknown';
}
