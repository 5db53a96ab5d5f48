import { type EndpointView } from './endpoint-view';
import { sha256 } from '../../base/sha256';

const LIST_KINDS = ['tools', 'prompts', 'resources'] as const;
export type ListKind = (typeof LIST_KINDS)[number];
export type ListDigests = Readonly<Record<ListKind, string>>;

/** Returns digests that show whether clients would see a changed list. */
export function listDigests({ tools, prompts, resources, templates }: EndpointView): ListDigests {
  return {
    tools: digestOf(tools),
    prompts: digestOf(prompts),
    resources: digestOf([...resources, ...templates]),
  };
}

export function changedLists(before: ListDigests, now: ListDigests): ListKind[] {
  return LIST_KINDS.filter((kind) => now[kind] !== before[kind]);
}

function digestOf(exposed: readonly { definition: unknown }[]): string {
  const definitions = exposed.map(({ definition }) => definition);
  return sha256(JSON.stringify(definitions));
}
