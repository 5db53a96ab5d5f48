import { lifecycleCommand } from '../actions/lifecycle';

export const define = lifecycleCommand({ name: 'start', doing: 'Starting' });
