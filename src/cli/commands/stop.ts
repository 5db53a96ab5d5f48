import { type Run } from '../command';
import { lifecycleCommand } from '../actions/lifecycle';

export const stop = (run: Run) =>
  lifecycleCommand(
    {
      name: 'stop',
      description: 'Stop one or more servers; calls in flight get time to finish',
      doing: 'Stopping',
    },
    run,
  );
