import { type Run } from '../command';
import { lifecycleCommand } from '../actions/lifecycle';

export const restart = (run: Run) =>
  lifecycleCommand(
    { name: 'restart', description: 'restart servers; calls wait meanwhile', doing: 'Restarting' },
    run,
  );
