import { type Run } from '../command';
import { lifecycleCommand } from '../lifecycle';

export const start = (run: Run) =>
  lifecycleCommand(
    { name: 'start', description: 'start a server and wait until it answers', doing: 'Starting' },
    run,
  );
