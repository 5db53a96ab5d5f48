import { type Identity } from '../http/contract';
import { type Envelope } from './envelope';
import { type ModernRequest } from './mrtr-round';
import { type RpcRequest } from '../../base/jsonrpc';

/** Creates a request from the message, its envelope and the identity of its client. */
export function modernRequest(
  { id, method, params = {} }: RpcRequest,
  { meta, capabilities, clientInfo, logLevel }: Envelope,
  { principal, scope }: Identity,
  way: Pick<ModernRequest, 'signal' | 'send'>,
): ModernRequest {
  return {
    id,
    method,
    params,
    meta,
    caller: {
      principal,
      scope,
      era: 'modern',
      capabilities,
      ...(clientInfo && { clientInfo }),
      ...(logLevel !== undefined && { logLevel }),
    },
    ...way,
  };
}
