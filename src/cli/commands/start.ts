import { type Run } from '../command';
import { lifecycleCommand } from '../actions/lifecycle';

export const start = (run: Run) =>
  lifecycleCommand(
    {
      name: 'start',
      description: 'Start one or more servers and wait until they are ready',
      doing: 'Starting',
    },
    run,
  );
