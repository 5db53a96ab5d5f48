import { type Scope } from '../exchange';

/** Returns a scope as one string, to store and compare it. */
export function scopeText(scope: Scope): string {
  return scope.kind === 'all' ? 'all' : `${scope.kind}/${scope.name}`;
}

export function scopeOf(text: string): Scope {
  const [, kind, name = ''] = /^(profile|server)\/(.*)$/s.exec(text) ?? [];
  if (kind === 'profile' || kind === 'server') return { kind, name };
  return { kind: 'all' };
}
