import { createHmac } from 'node:crypto';
import { type Alert } from '../../src/domain/alerts/alerts';
import { rootMessage } from '../../src/mcp/session/connect-error';
import { openGuardedClient } from '../../src/net/guarded-fetch';
import { parseRetryAfter } from '../../src/mcp/calls/retry-after';
import { VERSION } from '../../src/base/version';
import { type Attempt } from './attempt';

/** Longest pause that a receiver may ask for. */
const ALERT_MAX_RETRY_AFTER_MS = 3_600_000;
/** Longest wait for the answer to a webhook. */
const ALERT_WEBHOOK_TIMEOUT_MS = 10_000;

const REQUEST_TIMEOUT = 408;
const TOO_MANY_REQUESTS = 429;
const SECRET_PREFIX = 'whsec_';

/** Posts an alert according to Standard Webhooks (https://www.standardwebhooks.com, specification 1.0). */
export async function postWebhook(
  { url = '', secret }: { url?: string; secret?: string },
  alert: Alert,
): Promise<Attempt> {
  const body = JSON.stringify({
    type: `mainspring.${alert.kind}`,
    timestamp: new Date(alert.atMs).toISOString(),
    data: alert,
  });
  try {
    const response = await post(new URL(url), body, {
      'content-type': 'application/json',
      'user-agent': `mainspring/${VERSION}`,
      ...webhookHeaders(alert.id, body, secret, Date.now()),
    });
    return judge(response.status, response.headers.get('retry-after'), Date.now());
  } catch (error) {
    return {
      delivered: false,
      why: `the webhook could not be reached: ${rootMessage(error)}`,
      again: true,
    };
  }
}

/** Posts without following redirects: the operator has not agreed to their target. */
async function post(url: URL, body: string, headers: Record<string, string>) {
  const guarded = await openGuardedClient({ configured: [url] });
  try {
    const signal = AbortSignal.timeout(ALERT_WEBHOOK_TIMEOUT_MS);
    const response = await guarded.fetch(url, { method: 'POST', headers, body, signal });
    await response.body?.cancel();
    return response;
  } finally {
    await guarded.close();
  }
}

/** Returns headers that identify and sign a webhook; the id stays the same across attempts, the time does not. */
export function webhookHeaders(
  id: string,
  body: string,
  secret: string | undefined,
  nowMs: number,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === undefined) return headers;
  const digest = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`);
  return { ...headers, 'webhook-signature': `v1,${digest.digest('base64')}` };
}

/** Interprets an answer: 2xx means received; a refusal that the receiver would repeat is not retried. */
export function judge(status: number, retryAfter: string | null, nowMs: number): Attempt {
  if (status >= 200 && status < 300) return { delivered: true, how: `HTTP ${status}` };
  const why = `the webhook returned HTTP ${status}`;
  const isOurs = status < 500 && status !== REQUEST_TIMEOUT && status !== TOO_MANY_REQUESTS;
  if (isOurs) return { delivered: false, why, again: false };
  const afterMs = Math.min(parseRetryAfter(retryAfter ?? '', nowMs) ?? 0, ALERT_MAX_RETRY_AFTER_MS);
  return { delivered: false, why, again: true, ...(afterMs > 0 && { afterMs }) };
}

/** `whsec_` and base64, as the standard writes keys; any other text is the key itself. */
function keyOf(secret: string): Buffer {
  return secret.startsWith(SECRET_PREFIX)
    ? Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
    : Buffer.from(secret);
}
