import { type Run } from '../command';
import { lifecycleCommand } from '../lifecycle';

export const disable = (run: Run) =>
  lifecycleCommand(
    { name: 'disable', description: 'stop a server and keep it from starting', doing: 'Disabling' },
    run,
  );
