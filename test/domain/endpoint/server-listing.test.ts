import { createHash } from 'node:crypto';
import { expose, EVERYTHING, exposeServer } from '../../../src/domain/endpoint/endpoint-content';
import { listingOf, type OfferedTools } from '../../../src/domain/endpoint/server-listing';

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

function listing(offered: OfferedTools) {
  const tools = ['read_file', 'read_secret', 'write_file'].map((name) => ({
    name,
    inputSchema: { type: 'object' },
  }));
  const listed = { server: 'files', tools, toolsHash: 'h', listedAtMs: 1 };
  const unknown = { snapshot: undefined, approved: undefined, offer: undefined };
  return listingOf({ server: 'files', enabled: true, offered, listed, ...unknown });
}

describe('tools that the owner of a server has switched off', () => {
  it.each<[offered: OfferedTools, shown: string[], why: string | undefined]>([
    [{}, ['read_file', 'read_secret', 'write_file'], undefined],
    [
      { excludeTools: ['*_secret'] },
      ['read_file', 'write_file'],
      'excluded by "excludeTools" of the server (*_secret)',
    ],
    [
      { includeTools: ['read_*'] },
      ['read_file', 'read_secret'],
      'not included by "includeTools" of the server',
    ],
    [
      { includeTools: ['read_*'], excludeTools: ['read_secret'] },
      ['read_file'],
      'excluded by "excludeTools" of the server (read_secret)',
    ],
  ])('%j are not offered at any endpoint', (offered, shown, why) => {
    const one = listing(offered);
    const all = expose([one], EVERYTHING, digest);
    expect(all.tools.map(({ tool }) => tool)).toEqual(shown);
    expect(exposeServer(one).tools.map(({ tool }) => tool)).toEqual(shown);
    expect(all.leftOut[0]?.why).toBe(why);
  });

  it('are news to those who listen', () => {
    const before = listing({}).toolsVersion;
    expect(listing({ excludeTools: ['write_file'] }).toolsVersion).not.toBe(before);
  });
});
