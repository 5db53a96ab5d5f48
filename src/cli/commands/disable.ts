import { type Run } from '../command';
import { lifecycleCommand } from '../actions/lifecycle';

export const disable = (run: Run) =>
  lifecycleCommand(
    {
      name: 'disable',
      description: 'stop servers and keep them from starting',
      doing: 'Disabling',
    },
    run,
  );
