import { Client, type ClientOptions, type WorkflowClientInterceptor } from '@temporalio/client';
import { orderFor } from '../domain/trust/signed-inputs';
import { signedPayloads } from './signed-payloads';

type SignedClientOptions = Pick<ClientOptions, 'connection' | 'namespace' | 'workflow'>;

/** Creates a client whose inputs our workers accept; see `signedPayloads` and `Order`. */
export function signedClient(key: Buffer, options: SignedClientOptions): Client {
  return new Client({
    ...options,
    dataConverter: { payloadCodecs: [signedPayloads(key, 'accept')] },
    interceptors: { workflow: [ordering] },
  });
}

const ordersFor = (update: string, args: unknown[]) =>
  args.map((input) => orderFor(update, input, Date.now()));

const ordering: WorkflowClientInterceptor = {
  startUpdate: (input, next) => next({ ...input, args: ordersFor(input.updateName, input.args) }),
  startUpdateWithStart: (input, next) =>
    next({ ...input, updateArgs: ordersFor(input.updateName, input.updateArgs) }),
};
