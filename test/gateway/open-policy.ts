import {
  DEFAULT_GATEWAY_LIMITS,
  type GatewayPolicy,
} from '../../src/domain/endpoint/gateway-policy';

/** Without keys, and with the usual limits. */
export const OPEN_POLICY: GatewayPolicy = {
  keys: [],
  origins: [],
  hosts: [],
  limits: DEFAULT_GATEWAY_LIMITS,
};
