import { lifecycleCommand } from '../actions/lifecycle';

export const define = lifecycleCommand({ name: 'restart', doing: 'Restarting' });
