/**
 * The entry of the client for our own gateway: what it needs beyond the public API (src/index.ts). The package does not export it.
 */
export { type CallHandle } from './calls/call-handle';
export { type CallDescription } from './calls/call-status';
export { type ClientInternals } from './client-internals';
export { type HostNotification } from './host-sockets/host-connection';
export { type HostSockets } from './host-sockets/host-sockets';
export { type ListingChange, type ListingsState } from './listings/listings';
export { internalsOf, type MainspringClient } from './mainspring-client';
