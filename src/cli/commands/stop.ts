import { type Run } from '../command';
import { lifecycleCommand } from '../actions/lifecycle';

export const stop = (run: Run) =>
  lifecycleCommand(
    {
      name: 'stop',
      description: 'stop servers: calls in flight finish, nothing stays behind',
      doing: 'Stopping',
    },
    run,
  );
