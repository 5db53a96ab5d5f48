import { type Run } from '../command';
import { lifecycleCommand } from '../lifecycle';

export const enable = (run: Run) =>
  lifecycleCommand(
    { name: 'enable', description: 'allow a server to start again', doing: 'Enabling' },
    run,
  );
