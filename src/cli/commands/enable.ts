import { type Run } from '../command';
import { lifecycleCommand } from '../actions/lifecycle';

export const enable = (run: Run) =>
  lifecycleCommand(
    {
      name: 'enable',
      description: 'Allow one or more disabled servers to start again',
      doing: 'Enabling',
    },
    run,
  );
