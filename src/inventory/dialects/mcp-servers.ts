import { type Dialect, isObject, type Reading } from './dialect';
import { withInputs } from './inputs';
import { readEntry } from './read-entry';

/** Members that other programs write beside ours; any other unknown member is more likely a mistake. */
const FOREIGN_MEMBERS = new Set([
  ...['autoApprove', 'alwaysAllow', 'alwaysLoad', 'trust', 'isActive', 'active'],
  ...['enabledTools', 'disabledTools', 'includeTools', 'excludeTools', 'tools', 'toolFilter'],
  ...[
    'name',
    'title',
    'description',
    'icon',
    'icons',
    'iconPath',
    'logoUrl',
    'version',
    'metadata',
  ],
  ...['gallery', 'fromGalleryId', 'registry', 'installed', 'provider', 'note', 'notes', 'comment'],
  ...['timeout', 'initTimeout', 'networkTimeout', 'longRunning', 'watchPaths', 'dev', 'sandbox'],
  ...['sandboxEnabled', 'oauth', 'auth', 'authProviderType', 'headersHelper', 'roots', 'features'],
]);

/** `{"mcpServers": {name: entry}}`: ours, and that of Claude, Cursor, Windsurf and many others. */
export const mcpServersDialect: Dialect = {
  name: 'mcpServers',
  detect: (document) => 'mcpServers' in document,
  read({ mcpServers, inputs }): Reading {
    if (!isObject(mcpServers)) {
      const message = 'expected an object with an entry per server';
      return { servers: [], problems: [{ path: ['mcpServers'], message }] };
    }
    const servers = Object.entries(mcpServers).map(([name, value]) =>
      readEntry(name, value, ['mcpServers', name], {
        dialect: 'mcpServers',
        isForeign: (member) => FOREIGN_MEMBERS.has(member) || /^(?:[_$]|x-)/.test(member),
        hasLooseEnv: false,
      }),
    );
    return { servers: withInputs(servers, inputs), problems: [] };
  },
};
