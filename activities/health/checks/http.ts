import { MainspringError } from '../../../src/base/errors';
import { type ServerSpec } from '../../../src/domain/spec';
import { openGuardedClient } from '../../../src/net/guarded-fetch';
import { type CheckOf, type Finding, type Limit, type Subject } from './subject';

const LOOPBACK = 'http://127.0.0.1';
/** Not `text/event-stream`: an MCP endpoint would open a stream for that. */
const HEADERS = { accept: 'application/json, */*;q=0.1', 'user-agent': 'mainspring-health' };

export async function checkHttp(
  check: CheckOf<'http'>,
  { serving }: Subject,
  { signal }: Limit,
): Finding {
  const { url, headers } = targetOf(check, serving.resolved);
  const guarded = await openGuardedClient({ configured: [url] });
  try {
    const response = await guarded.fetch(url, { headers: { ...headers, ...HEADERS }, signal });
    await response.body?.cancel(); // it may be an endless stream
    const { status } = response;
    const isExpected = check.status === undefined ? status < 500 : status === check.status;
    return isExpected ? undefined : `${url.origin}${url.pathname} returned status ${status}`;
  } finally {
    await guarded.close();
  }
}

/**
 * Returns the target. `url` may be a path: of `port` on this machine, or of the server's own URL, whose headers go only
 * to its host.
 */
function targetOf({ url: written, port }: CheckOf<'http'>, spec: ServerSpec) {
  const remote = spec.type === 'stdio' ? undefined : spec.remote;
  const base = port === undefined ? remote?.url : `${LOOPBACK}:${port}/`;
  if (written === undefined && base === undefined) {
    throw new MainspringError('INVALID_CONFIG', 'a check of kind http needs a "url" or a "port"');
  }
  const url = new URL(written ?? base ?? '', base);
  url.protocol = url.protocol.replace(/^ws/, 'http');
  const isOwn = remote !== undefined && new URL(remote.url).host === url.host;
  return { url, headers: isOwn ? remote.headers : {} };
}
