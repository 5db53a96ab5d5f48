import { type Run } from '../command';
import { lifecycleCommand } from '../actions/lifecycle';

export const start = (run: Run) =>
  lifecycleCommand(
    { name: 'start', description: 'start servers and wait until they answer', doing: 'Starting' },
    run,
  );
