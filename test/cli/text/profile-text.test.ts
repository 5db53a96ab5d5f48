import { createHash } from 'node:crypto';
import { profileText } from '../../../src/cli/text/profile-text';
import { expose } from '../../../src/domain/endpoint/endpoint-content';
import { type ServerListing } from '../../../src/domain/endpoint/server-listing';
import { type ProfileRules } from '../../../src/domain/endpoint/profiles';

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

function listing(
  server: string,
  tools: string[],
  over: Partial<ServerListing> = {},
): ServerListing {
  const definitions = tools.map((name) => ({ name, inputSchema: { type: 'object' } }));
  const versions = { toolsVersion: '', offerVersion: '' };
  return {
    server,
    tools: definitions,
    blocked: new Set(),
    switchedOff: new Map(),
    ...versions,
    ...over,
  };
}

const LISTINGS = [
  listing('away', ['x'], { hidden: 'the server is stopped; start it: mainspring start away' }),
  listing('files', ['read', 'write', 'evil\u001b[2J\u202e'], { blocked: new Set(['write']) }),
];

function text(rules: Partial<ProfileRules>): string {
  const profile = { servers: ['*'], ...rules };
  return profileText('p', profile, expose(LISTINGS, profile, digest), false);
}

it('says what clients see, where it comes from, and why the rest is not there', () => {
  const shown = text({
    aliases: { files: 'f' },
    exclude: ['evil*'],
    overrides: { f__read: { arguments: { path: { value: '/srv' }, head: { hide: true } } } },
  });
  expect(shown).toBe(
    [
      'Profile p: 1 tool',
      '',
      'Tool     Server  Original name  Note',
      'f__read  files   read           path="/srv", without head',
      '',
      'Not included                 Reason',
      'away                         the server is stopped; start it: mainspring start away',
      'files/write                  it has changed; review and approve it: mainspring approve files',
      'files/evil\\u{1b}[2J\\u{202e}  excluded by "exclude" of the profile (evil*)',
    ].join('\n'),
  );
});

it('warns of what has no effect, but not about a server that is only away', () => {
  const shown = text({
    servers: ['files', 'fiels'],
    aliases: { gone: 'g' },
    tools: ['read'],
    overrides: { 'files/reed': {}, 'away/y': {}, away__z: {}, 'files/write': {} },
  });
  expect(shown.split('\n').filter((line) => line.startsWith('Warning'))).toEqual([
    'Warning: servers: there is no server "fiels"',
    'Warning: aliases: there is no server "gone"',
    'Warning: overrides: "files/reed" is not a tool of this profile',
    'Warning: overrides: "files/write" is excluded from this profile',
  ]);
});

it('never prints what could rewrite the screen', () => {
  // eslint-disable-next-line no-control-regex -- that is what must not be there
  expect(text({ search: { always: ['*'] } })).not.toMatch(/[\u0000-\u0009\u001b\u202e]/);
});
