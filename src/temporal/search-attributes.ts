/**
 * Search attributes of our workflows and calls, with their types as the Temporal CLI spells them.
 */
export const SEARCH_ATTRIBUTES = {
  McpServer: 'Keyword',
  McpState: 'Keyword',
  McpHealth: 'Keyword',
  McpTransport: 'Keyword',
  McpHost: 'Keyword',
  McpTags: 'KeywordList',
  McpGeneration: 'Int',
} as const;

/**
 * Values of temporal.api.enums.v1.IndexedValueType; importing the enum would load all of Temporal's
 * protocol.
 */
export const INDEXED_VALUE_TYPES = { Keyword: 2, Int: 3, KeywordList: 7 } as const;
