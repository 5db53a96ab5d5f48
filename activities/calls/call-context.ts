import { type Context } from '@temporalio/activity';

/** What a call knows of the way that it came to its host: as an activity (whose `Context` this is), or over the socket. */
export interface CallContext extends Pick<
  Context,
  'cancellationSignal' | 'cancellationDetails' | 'heartbeat'
> {
  readonly info: Pick<
    Context['info'],
    'attempt' | 'scheduledTimestampMs' | 'heartbeatDetails' | 'retryPolicy'
  >;
  readonly log: Pick<Context['log'], 'warn' | 'error'>;
  /** It came over the socket: it runs now or not at all, and once at most. */
  readonly isDirect?: true;
}
