import { type ServerEntry } from '../../../src/inventory/config/config-schema';
import { shownEntry } from '../../../src/inventory/config/shown-entry';

const nothing = { command: null, args: [], url: null };

it.each<[what: string, entry: ServerEntry, shown: Partial<ReturnType<typeof shownEntry>>]>([
  [
    'references as they are written',
    { command: 'node', args: ['server.js', '--token', '${TOKEN}'] },
    { command: 'node', args: ['server.js', '--token', '${TOKEN}'] },
  ],
  [
    'no secret among the arguments',
    { command: 'node', args: ['--token=abc', '--api-key', 'def', 'ghp_0123456789abcdef'] },
    { command: 'node', args: ['--token=***', '--api-key', '***', '***'] },
  ],
  [
    'no secret in a URL',
    { url: 'https://ada:pass@example.com/mcp?api_key=abc&page=2' },
    { url: 'https://ada:***@example.com/mcp?api_key=***&page=2' },
  ],
  [
    'nothing of a URL whose path is the secret',
    { url: 'https://example.com/sk-0123456789abcdef/mcp' },
    { url: '***' },
  ],
  ['a URL without one', { url: 'https://example.com/mcp?x' }, { url: 'https://example.com/mcp?x' }],
])('shows %s', (_what, entry, shown) => {
  expect(shownEntry(entry)).toEqual({ ...nothing, ...shown });
});
