import { lifecycleCommand } from '../actions/lifecycle';

export const define = lifecycleCommand({ name: 'disable', doing: 'Disabling' });
