import { canonicalJson } from '../../src/base/canonical-json';
import { SELF } from '../../src/domain/entity/entity';
import { type ServerEvent } from '../../src/domain/events';
import { flawsText, type ListFlaw } from '../../src/domain/catalogue/list-flaws';
import { sha256 } from '../../src/base/sha256';

/** Says that other things are odd in the lists of a server than before; replicas that list the same tell it once. */
export function flawsEvents(
  server: string,
  before: readonly ListFlaw[] = [],
  now: readonly ListFlaw[] = [],
): ServerEvent[] {
  if (canonicalJson(before) === canonicalJson(now)) return [];
  const digest = sha256(canonicalJson([before, now]));
  return [
    {
      id: `lists/${server}/${digest}`,
      server,
      atMs: Date.now(),
      kind: 'note',
      reason: flawsText(now),
      ...SELF,
    },
  ];
}
