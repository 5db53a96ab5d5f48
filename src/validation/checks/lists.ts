import { type Check } from '../check';
import { failed, findingOf, type Problem, skipped } from '../finding';
import { type ListItem, listItems } from '../list-items';
import { promptProblems, resourceProblems, templateProblems, toolProblems } from '../list-problems';
import { type Trial } from '../trial';

interface List {
  name: string;
  capability: 'tools' | 'resources' | 'prompts';
  method: string;
  member: string;
  problemsOf: (items: readonly ListItem[]) => Problem[];
  /** The capability does not guarantee this list. */
  isOptional?: boolean;
  keep?: (trial: Trial, items: ListItem[]) => void;
}

/** Lists what the server has declared, page by page, and checks every entry. */
function listCheck(list: List): Check {
  const { name, capability, method, member } = list;
  return {
    name,
    async run(trial, signal) {
      const connection = await trial.connection(signal);
      if (!(capability in connection.capabilities)) return skipped('none declared');
      const items = await listItems(connection, method, member, signal);
      if (items === 'unsupported') {
        if (list.isOptional) return skipped('none available');
        return failed(`declares "${capability}" but does not support ${method}`);
      }
      list.keep?.(trial, items);
      const ok = items.length > 0 ? `${items.length} listed, all valid` : 'none listed';
      return findingOf(list.problemsOf(items), ok);
    },
  };
}

export const lists: readonly Check[] = [
  listCheck({
    name: 'tools',
    capability: 'tools',
    method: 'tools/list',
    member: 'tools',
    problemsOf: toolProblems,
    keep: (trial, items) => {
      trial.tools = items;
      trial.measurements.tools = items.length;
    },
  }),
  listCheck({
    name: 'resources',
    capability: 'resources',
    method: 'resources/list',
    member: 'resources',
    problemsOf: resourceProblems,
  }),
  listCheck({
    name: 'resource-templates',
    capability: 'resources',
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    problemsOf: templateProblems,
    isOptional: true,
  }),
  listCheck({
    name: 'prompts',
    capability: 'prompts',
    method: 'prompts/list',
    member: 'prompts',
    problemsOf: promptProblems,
  }),
];
