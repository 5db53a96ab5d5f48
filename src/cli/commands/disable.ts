import { type Run } from '../command';
import { lifecycleCommand } from '../actions/lifecycle';

export const disable = (run: Run) =>
  lifecycleCommand(
    {
      name: 'disable',
      description: 'Stop one or more servers and prevent them from starting',
      doing: 'Disabling',
    },
    run,
  );
