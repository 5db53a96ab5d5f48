import { isObject, type Members } from './dialect';

/** Settings that no other program with `mcpServers` has. */
const SETTINGS = ['selectedAuthType', 'contextFileName', 'coreTools', 'hasSeenIdeIntegrationNudge'];
const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ['context', ['fileName', 'includeDirectories', 'fileFiltering']],
  ['security', ['auth', 'folderTrust']],
  ['mcp', ['allowed', 'excluded', 'serverCommand']],
];
const ENTRY_MEMBERS = ['httpUrl', 'authProviderType', 'targetAudience'];

/** Whether the document has settings of Gemini CLI or of a program derived from it. */
export function isGemini(document: Members, entry: unknown): boolean {
  if (isObject(entry) && ENTRY_MEMBERS.some((member) => member in entry)) return true;
  if (SETTINGS.some((member) => member in document)) return true;
  return GROUPS.some(([group, members]) => {
    const settings = document[group];
    return isObject(settings) && members.some((member) => member in settings);
  });
}
