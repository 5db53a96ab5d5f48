import { canonicalJson } from '../../base/canonical-json';
import { type Check } from '../check';
import { failed, passed, warning } from '../finding';
import { ANSWER_LIMIT_MS } from '../limits';
import { type ListItem, listItems } from '../list-items';

/** After a second start the server must list the same tools. */
export const restart: Check = {
  name: 'restart',
  async run(trial, signal) {
    const connection = await trial.connection(signal);
    await connection.ping(ANSWER_LIMIT_MS);
    if (trial.tools === undefined) return passed('ready again');
    const again = await listItems(connection, 'tools/list', 'tools', signal);
    if (again === 'unsupported') return failed('no longer lists its tools');
    const [before, after] = [namesOf(trial.tools), namesOf(again)];
    if (canonicalJson(before) !== canonicalJson(after)) {
      return failed(`tools differ: ${before.join(', ')} before, after: ${after.join(', ')}`);
    }
    if (definitionsOf(trial.tools) !== definitionsOf(again)) {
      return warning('the definitions of its tools have changed');
    }
    return passed(`ready again with the same ${again.length} tools`);
  },
};

function namesOf(items: readonly ListItem[]): string[] {
  return items.map(({ name }) => (typeof name === 'string' ? name : '')).sort();
}

/** Serialises the definitions of items, independent of their order. */
function definitionsOf(items: readonly ListItem[]): string {
  return items
    .map((item) => canonicalJson(item))
    .sort()
    .join();
}
