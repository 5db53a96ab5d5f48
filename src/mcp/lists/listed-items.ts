import { type ListFlaw } from '../../domain/catalogue/list-flaws';
import { type ListedType, strictItem } from './strict-members';
import { repairTool } from './tool-definition';
import { isJsonObject, type JsonObject } from '../../base/json';

/** Description of a kind of list. */
export interface Listed {
  method: string;
  /** Member of the result that holds the items. */
  member: string;
  type: ListedType;
  noun: string;
  /** Member that identifies an item; an item without it is dropped. */
  key: 'name' | 'uri' | 'uriTemplate';
  /** Repairs an item without changing its meaning; each note completes "the tool …". */
  mend: (item: JsonObject) => { item: JsonObject; notes: string[] };
}

export const TOOLS: Listed = {
  method: 'tools/list',
  member: 'tools',
  type: 'Tool',
  noun: 'tool',
  key: 'name',
  mend: repairTool,
};
export const RESOURCES: Listed = {
  method: 'resources/list',
  member: 'resources',
  type: 'Resource',
  noun: 'resource',
  key: 'uri',
  mend: (item) => withName(item, 'uri'),
};
export const TEMPLATES: Listed = {
  method: 'resources/templates/list',
  member: 'resourceTemplates',
  type: 'ResourceTemplate',
  noun: 'resource template',
  key: 'uriTemplate',
  mend: (item) => withName(item, 'uriTemplate'),
};
export const PROMPTS: Listed = {
  method: 'prompts/list',
  member: 'prompts',
  type: 'Prompt',
  noun: 'prompt',
  key: 'name',
  mend: (item) => ({ item, notes: [] }),
};

export interface TakenItem {
  /** Item in a form that every client accepts; absent if it was dropped. */
  item?: JsonObject;
  /** Value that identifies the item. */
  key?: string;
  flaws: ListFlaw[];
}

/**
 * Reads one item of a list, so that an invalid one does not affect the others.
 *
 * @param position - from 1, names an item without a key
 */
export function takeItem(listed: Listed, value: unknown, position: number): TakenItem {
  const { noun, key: member } = listed;
  const leftOut = (what: string) => ({
    flaws: [{ text: `${noun} ${position} ${what} (dropped)` }],
  });
  if (!isJsonObject(value)) return leftOut('is not an object');
  const key = value[member];
  if (typeof key !== 'string' || key === '') return leftOut(`has no "${member}"`);
  const called = `the ${noun} ${JSON.stringify(key)}`;
  const flawed = (text: string): ListFlaw => ({ item: key, text: `${called} ${text}` });
  const { item: mended, notes } = listed.mend(value);
  const strict = strictItem(listed.type, mended);
  if (!strict) return { flaws: [flawed('does not match the protocol (dropped)')] };
  const odd = strict.leftOut.map((path) => `has ${path}, which clients reject (dropped)`);
  return { item: strict.item, key, flaws: [...notes, ...odd].map(flawed) };
}

function withName(item: JsonObject, member: 'uri' | 'uriTemplate') {
  const { name } = item;
  if (typeof name === 'string') return { item, notes: [] };
  return {
    item: { ...item, name: item[member] ?? '' },
    notes: [`has no "name" (its ${member} is used instead)`],
  };
}
