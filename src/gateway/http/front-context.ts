import { type ServerResponse } from 'node:http';
import { type Logger } from 'pino';
import { type GatewayPolicy } from '../../domain/endpoint/gateway-policy';
import { type Era } from '../exchange';
import { type DuplexEra, type HttpEra } from './contract';
import { type Usage } from '../usage';
import { type Guard } from './guard';
import { type Visitors } from './visitors';

/** What all transports of one front share. */
export interface FrontContext {
  eras: Readonly<Record<Era, HttpEra & DuplexEra>>;
  guard: Guard;
  visitors: Visitors;
  usage: Usage;
  /** The one that counts now. */
  policy: () => GatewayPolicy;
  logger: Logger;
  /** Responses without an end of their own; they are ended when the front closes. */
  streams: Set<ServerResponse>;
}
