import { type Context } from '@temporalio/activity';

/** Context of a call that reached its host as an activity (whose `Context` this is), or over the socket. */
export interface CallContext extends Pick<
  Context,
  'cancellationSignal' | 'cancellationDetails' | 'heartbeat'
> {
  readonly info: Pick<
    Context['info'],
    'attempt' | 'scheduledTimestampMs' | 'heartbeatDetails' | 'retryPolicy'
  >;
  readonly log: Pick<Context['log'], 'warn' | 'error'>;
  /** Set when it came over the socket: it runs now or not at all, and at most once. */
  readonly isDirect?: true;
}
