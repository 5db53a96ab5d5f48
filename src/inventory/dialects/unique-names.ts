import { MAX_NAME_LENGTH, nameProblem } from '../fields/server-name';
import { sha256 } from '../../base/sha256';

const HASH_LENGTH = 8;
const DEFAULT_NAME = 'server';
/** Names too common to identify a server without its namespace. */
const GENERIC = /^(?:mcp|server|mcp-server|main|app|default)$/i;

/**
 * Returns our name for each name in a document: `io.github.acme/weather` becomes `weather`. When names collide, the
 * server whose written name is exactly that keeps it; the others get their namespace back, and a hash when that is not
 * enough. Names do not depend on the order of the servers.
 */
export function uniqueNames(written: readonly string[]): string[] {
  const distinct = [...new Set(written)];
  const steps = new Map(distinct.map((name) => [name, candidates(name)]));
  const level = new Map<string, number>();
  const nameOf = (name: string) => {
    const own = steps.get(name) ?? [name];
    return own[Math.min(level.get(name) ?? 0, own.length - 1)] ?? name;
  };
  for (let round = 0; round < 3; round += 1) {
    const taken = new Map<string, string[]>();
    for (const name of distinct) {
      const key = nameOf(name);
      taken.set(key, [...(taken.get(key) ?? []), name]);
    }
    for (const [own, colliding] of taken) {
      if (colliding.length === 1) continue;
      for (const name of colliding) if (name !== own) level.set(name, (level.get(name) ?? 0) + 1);
    }
  }
  return numbered(written.map((name) => (name === '' ? '' : nameOf(name))));
}

/** Returns our name for a single server, when no other name collides. */
export function uniqueName(written: string): string {
  return uniqueNames([written])[0] ?? written;
}

/** Candidates, from the shortest to the one that is unique. */
function candidates(written: string): string[] {
  if (nameProblem(written) === undefined) return [written];
  const hash = sha256(written).slice(0, HASH_LENGTH);
  const namespaced = /^(\S+)\/([^/]+)$/.exec(written);
  const last = namespaced?.[2] ?? written;
  const short = reduced(last);
  const withHash = `${cut(short || DEFAULT_NAME, HASH_LENGTH + 1)}-${hash}`;
  // Letters of other scripts are removed: the rest may equal the rest of another name.
  if (short === '' || isLossy(last)) return [withHash];
  const full = cut(reduced(written), 0);
  if (namespaced && GENERIC.test(short)) return [full, withHash];
  const all = [cut(short, 0), ...(namespaced ? [full] : []), withHash];
  return [...new Set(all)];
}

function reduced(text: string): string {
  return withoutMarks(text)
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[-_]+|-+$/g, '');
}

function isLossy(text: string): boolean {
  return /[^\P{L}A-Za-z]|[^\P{N}0-9]/u.test(withoutMarks(text));
}

function withoutMarks(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}+/gu, '');
}

function cut(name: string, reserved: number): string {
  return name.slice(0, MAX_NAME_LENGTH - reserved);
}

/** Numbers equal names, in the order of the file. */
function numbered(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    if (name === '' || !seen.has(name)) {
      seen.add(name);
      return name;
    }
    let number = 2;
    while (taken.has(`${name}-${number}`)) number += 1;
    taken.add(`${name}-${number}`);
    return `${name}-${number}`;
  });
}
