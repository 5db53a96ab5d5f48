import { type ListFlaw } from '../../domain/catalogue/list-flaws';
import { type ListedType, strictItem } from './strict-members';
import { repairTool } from './tool-definition';
import { isJsonObject, type JsonObject } from '../../base/json';

/** Something that servers list. */
export interface Listed {
  method: string;
  /** The member of the result that holds the items. */
  member: string;
  type: ListedType;
  noun: string;
  /** The member that tells an item from others; there is nothing to be done with one that has none. */
  key: 'name' | 'uri' | 'uriTemplate';
  /** Puts an item right as far as its meaning stays; each note completes "the tool …". */
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
  /** As every client takes it; absent when it is left out. */
  item?: JsonObject;
  /** By what it is told from others. */
  key?: string;
  flaws: ListFlaw[];
}

/**
 * One item of a list by itself, so that an odd one costs no other.
 *
 * @param position - from 1, for one that has no name
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
