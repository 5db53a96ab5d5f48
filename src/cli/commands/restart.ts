import { type Run } from '../command';
import { lifecycleCommand } from '../actions/lifecycle';

export const restart = (run: Run) =>
  lifecycleCommand(
    {
      name: 'restart',
      description: 'Restart one or more servers; calls wait until the restart is done',
      doing: 'Restarting',
    },
    run,
  );
