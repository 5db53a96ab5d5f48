import { MainspringError } from '../base/errors';
import { type GatewayLimits } from '../domain/endpoint/gateway-policy';

export interface Excess {
  principal: string;
  /** What there is too much of. */
  words: string;
  /** How many it has. */
  taken: number;
  /** Which limit says so. */
  limit: keyof GatewayLimits;
  allowed: number;
}

/** A principal wants more than it may have: GATEWAY_BUSY, with the limit and where it is set. */
export function overLimit({ principal, words, taken, limit, allowed }: Excess): MainspringError {
  const message = `${principal} has ${taken} ${words}; "gateway.limits.${limit}" allows ${allowed}.`;
  const fix = `Try again when some have ended, or raise "gateway": { "limits": { "${limit}": … } } in a config, or the limit of the key.`;
  return new MainspringError('GATEWAY_BUSY', message, { fix });
}
