import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  SearchAttributeType,
} from '@temporalio/common';

const SERVER = defineSearchAttributeKey('McpServer', SearchAttributeType.KEYWORD);

/** Search attribute by which the activities of a server are found, as its workflows are. */
export function serverAttribute(name: string): SearchAttributePair[] {
  return [{ key: SERVER, value: name }];
}
