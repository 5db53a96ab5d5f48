import { lifecycleCommand } from '../actions/lifecycle';

export const define = lifecycleCommand({ name: 'enable', doing: 'Enabling' });
