import { MainspringError } from '../base/errors';
import { type GatewayLimits } from '../domain/endpoint/gateway-policy';

export interface Excess {
  principal: string;
  /** Plural noun for the things that exceed the limit. */
  words: string;
  /** Number that the principal has. */
  taken: number;
  /** Name of the limit. */
  limit: keyof GatewayLimits;
  allowed: number;
}

/**
 * Creates the error for a principal over its limit: GATEWAY_BUSY, with the limit and where it is
 * set.
 */
export function overLimit({ principal, words, taken, limit, allowed }: Excess): MainspringError {
  const message = `${principal} has ${taken} ${words}; "gateway.limits.${limit}" allows ${allowed}.`;
  const fix = `Try again when some have ended, or raise "gateway": { "limits": { "${limit}": … } } in a config, or the limit of the key.`;
  return new MainspringError('GATEWAY_BUSY', message, { fix });
}
