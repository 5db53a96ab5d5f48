import { type ServerResponse } from 'node:http';
import { type Logger } from 'pino';
import { type GatewayPolicy } from '../../domain/endpoint/gateway-policy';
import { type Era } from '../exchange';
import { type DuplexEra, type HttpEra } from './contract';
import { type Usage } from '../usage';
import { type Guard } from './guard';
import { type Visitors } from './visitors';

/** Dependencies that all transports of one front share. */
export interface FrontContext {
  eras: Readonly<Record<Era, HttpEra & DuplexEra>>;
  guard: Guard;
  visitors: Visitors;
  usage: Usage;
  /** Returns the current policy. */
  policy: () => GatewayPolicy;
  logger: Logger;
  /** Open-ended responses, which are ended when the front closes. */
  streams: Set<ServerResponse>;
}
