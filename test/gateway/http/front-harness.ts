import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import pino from 'pino';
import { type GatewayPolicy, limitsOf } from '../../../src/domain/endpoint/gateway-policy';
import { createFront, type Front, type FrontOptions } from '../../../src/gateway/http/front';
import { Usage } from '../../../src/gateway/usage';
import { TinyEra } from './tiny-era';
import { OPEN_POLICY } from '../open-policy';

export interface TestFront {
  front: Front;
  legacy: TinyEra;
  modern: TinyEra;
  port: number;
  usage: Usage;
  url: (path?: string) => string;
  /** The one that counts from now on. */
  setPolicy: (policy: Partial<GatewayPolicy>) => void;
}

/** Fronts of a test with tiny eras, closed after it. */
export function useFronts(): (options?: Partial<FrontOptions>) => Promise<TestFront> {
  let fronts: Front[] = [];
  afterEach(async () => {
    await Promise.all(fronts.map((front) => front.close(0)));
    fronts = [];
  });
  return async (options = {}) => {
    let policy = OPEN_POLICY;
    const current = () => policy;
    const usage = new Usage((principal) => limitsOf((options.policy ?? current)(), principal));
    const legacy = new TinyEra(true, usage);
    const modern = new TinyEra(false, usage);
    const front = createFront({
      ...{ eras: { legacy, modern }, host: '127.0.0.1', port: 0, principal: 'local:test' },
      logger: pino({ level: 'silent' }),
      ...{ policy: current, usage },
      ...options,
    });
    fronts.push(front);
    const { port } = await front.listen();
    return {
      ...{ front, legacy, modern, port, usage },
      url: (path = '/mcp') => `http://127.0.0.1:${port}${path}`,
      setPolicy(changed) {
        policy = { ...policy, ...changed };
        front.policyChanged();
      },
    };
  };
}

export const limits = (changed: Partial<GatewayPolicy['limits']>) => ({
  limits: { ...OPEN_POLICY.limits, ...changed },
});

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

export const JSON_HEADERS = {
  'Content-Type': 'application/json',
  Accept: 'application/json, text/event-stream',
};

export const request = (method: string, params: object = {}, id: unknown = 1) => ({
  ...{ jsonrpc: '2.0', id, method, params },
});

export function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(url, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
}

/** Bytes as no client would send them, and all that comes back until the other side closes. */
export async function raw(port: number, text: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  socket.write(text);
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk) => (answer += String(chunk)));
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return answer;
}

/** Looks again until it is so; fails with the test's own timeout. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}
