/** The only version of the modern era so far, the first without sessions. */
export const MODERN_VERSION = '2026-07-28';
export const SUPPORTED_VERSIONS = [MODERN_VERSION];

/** Capability of who follows tasks of the modern era. */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** Members of `_meta` that belong to the protocol (basic, General fields). */
export const META = {
  version: 'io.modelcontextprotocol/protocolVersion',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
  relatedTask: 'io.modelcontextprotocol/related-task',
} as const;
