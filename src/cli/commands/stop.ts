import { type Run } from '../command';
import { lifecycleCommand } from '../lifecycle';

export const stop = (run: Run) =>
  lifecycleCommand(
    {
      name: 'stop',
      description: 'stop a server: calls in flight finish, nothing stays behind',
      doing: 'Stopping',
    },
    run,
  );
