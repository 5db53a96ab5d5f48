import { expose } from '../../../src/domain/endpoint/endpoint-content';
import { type ServerListing } from '../../../src/domain/endpoint/server-listing';
import { type ProfileRules } from '../../../src/domain/endpoint/profiles';

const listing = (
  server: string,
  tools: string[],
  over: Partial<ServerListing> = {},
): ServerListing => ({
  ...{ server, tools: tools.map((name) => ({ name, inputSchema: { type: 'object' } as const })) },
  ...{
    blocked: new Set<string>(),
    switchedOff: new Map<string, string>(),
    toolsVersion: '',
    offerVersion: '',
  },
  ...over,
});
const files = listing('files', ['read', 'write']);
const blocked = listing('web', ['fetch'], { blocked: new Set(['fetch']) });
const away = listing('git', [], { hidden: 'the server has never listed anything' });

it.each<[what: string, rules: Partial<ProfileRules>, servers: ServerListing[], warnings: string[]]>(
  [
    ['patterns that match', { tools: ['files/*', 'write'], exclude: ['files__read'] }, [files], []],
    ['a tool that waits for approval', { tools: ['fetch', 'web/fetch'] }, [blocked], []],
    [
      'a typing mistake',
      { tools: ['raed'] },
      [files],
      ['tools: no server of this profile has a tool "raed"; did you mean "read"?'],
    ],
    [
      'an exclusion that excludes nothing',
      { exclude: ['files/delete_all'] },
      [files],
      ['exclude: no server of this profile has a tool "files/delete_all"'],
    ],
    ['what a server may list that shows nothing now', { tools: ['commit'] }, [files, away], []],
  ],
)('a profile with %s', (_what, rules, servers, warnings) => {
  const names = servers.map(({ server }) => server);
  expect(expose(servers, { servers: names, ...rules }, (text) => text).warnings).toEqual(warnings);
});
