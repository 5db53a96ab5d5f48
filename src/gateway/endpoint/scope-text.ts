import { type Scope } from '../exchange';

/** A scope as one text, to store and to compare. */
export function scopeText(scope: Scope): string {
  return scope.kind === 'all' ? 'all' : `${scope.kind}/${scope.name}`;
}

export function scopeOf(text: string): Scope {
  const [, kind, name = ''] = /^(profile|server)\/(.*)$/s.exec(text) ?? [];
  if (kind === 'profile' || kind === 'server') return { kind, name };
  return { kind: 'all' };
}
