export { mcpServer } from './server';
export { mcpSession } from './session';
