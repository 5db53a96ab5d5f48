import { canonicalJson } from '../../src/base/canonical-json';
import { SELF } from '../../src/domain/entity/entity';
import { type ServerEvent } from '../../src/domain/events';
import { flawsText, type ListFlaw } from '../../src/domain/catalogue/list-flaws';
import { sha256 } from '../../src/base/sha256';

/** Returns the event of a list with other flaws than before; replicas that list the same record it once. */
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
