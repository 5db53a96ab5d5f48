import { nameProblem } from '../server-name';

const MAX_NAME_LENGTH = 64;

/** A name that we accept for what another program calls a server: `io.github.acme/weather` is `weather`. */
export function ownName(written: string): string {
  if (nameProblem(written) === undefined) return written;
  const last = written.split('/').at(-1) ?? '';
  const plain = last
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[-_]+|-+$/g, '');
  return plain.slice(0, MAX_NAME_LENGTH) || 'server';
}
