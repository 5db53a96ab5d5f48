export { mcpServer } from './server';
export { mcpSession } from './session';
export { mcpInstall } from './install';
export { mcpInstallAll } from './install-all';
export { mcpValidate } from './validate';
export { mcpToken } from './oauth-token';
