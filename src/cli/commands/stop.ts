import { lifecycleCommand } from '../actions/lifecycle';

export const define = lifecycleCommand({ name: 'stop', doing: 'Stopping' });
