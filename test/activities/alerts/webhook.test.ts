import { createHmac } from 'node:crypto';
import { judge, webhookHeaders } from '../../../activities/alerts/webhook';
import { type Attempt } from '../../../activities/alerts/attempt';

const NOW_MS = Date.parse('2026-11-21T18:00:00Z');
const again = { delivered: false, again: true } as const;

test.each<[status: number, retryAfter: string | null, attempt: Partial<Attempt>]>([
  [200, null, { delivered: true }],
  [204, null, { delivered: true }],
  [301, null, { delivered: false, again: false }],
  [400, null, { delivered: false, again: false }],
  [408, null, again],
  [410, null, { delivered: false, again: false }],
  [429, '7', { ...again, afterMs: 7_000 }],
  [429, 'Sat, 21 Nov 2026 18:00:30 GMT', { ...again, afterMs: 30_000 }],
  [500, null, again],
  [503, '999999', { ...again, afterMs: 3_600_000 }],
])('HTTP %s, Retry-After %s', (status, retryAfter, attempt) => {
  const found = judge(status, retryAfter, NOW_MS);
  expect(found).toMatchObject(attempt);
  if (!('afterMs' in attempt)) expect(found).not.toHaveProperty('afterMs');
});

// The key of the example in the specification, and what any other implementation makes of it.
const KEY = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

test.each<[what: string, secret: string, key: Buffer]>([
  ['a key as the standard writes it', `whsec_${KEY}`, Buffer.from(KEY, 'base64')],
  ['any other text', 'correct horse', Buffer.from('correct horse')],
])('signs with %s', (_what, secret, key) => {
  const headers = webhookHeaders('msg/1', '{"a":1}', secret, NOW_MS);
  const signed = createHmac('sha256', key).update(`msg/1.${NOW_MS / 1_000}.{"a":1}`);
  expect(headers).toEqual({
    'webhook-id': 'msg/1',
    'webhook-timestamp': String(NOW_MS / 1_000),
    'webhook-signature': `v1,${signed.digest('base64')}`,
  });
});

it('signs as the example of the specification does', () => {
  const headers = webhookHeaders(
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    '{"test": 2432232314}',
    `whsec_${KEY}`,
    1_614_265_330_000,
  );
  expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

it('sends no signature without a secret', () => {
  expect(webhookHeaders('a', '{}', undefined, NOW_MS)).not.toHaveProperty('webhook-signature');
});
