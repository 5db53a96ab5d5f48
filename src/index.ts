export { type Json, type JsonObject } from './base/json';

export { type AlertFilter, type ReceiverSummary } from './client/alerts';
export { type CallStatus } from './client/calls/call-activity';
export { type CallHandle } from './client/calls/call-handle';
export { type CallHooks, type CallToolOptions, type ToolCall } from './client/calls/call-request';
export { type CallDescription } from './client/calls/call-status';
export { type AnyCallHandle } from './client/calls/direct-handles';
export { type InstallOptions, type UpgradeOptions, type VersionReport } from './client/installs';
export { type ConnectOptions, MainspringClient } from './client/mainspring-client';
export { type LoginOptions, type LoginResult, type LogoutResult } from './client/logins';
export { type AddOptions, type CommandOptions } from './client/servers/servers';
export { type ValidationOptions, type ValidationProgress } from './client/validation';
export { type Alert, type AlertKind } from './domain/alerts/alerts';
export { type CallStats } from './domain/calls/call-stats';
export {
  type CallOutcome,
  type CallProgress,
  type CallRecord,
  type Outcome,
} from './domain/calls/calls';
export { type ErrorCode, type ErrorReport, MainspringError } from './base/errors';
export { type CheckResult, type HealthResult } from './domain/health/health';
export { type HealthSummary, type HealthView } from './domain/health/health-view';
export { type HostStatus } from './domain/hosts/hosts';
export { type InstallReport, type InstallStatus } from './domain/programs/installs';
export { type IsolationOrder } from './domain/isolation/isolation';
export { type ServerEvent, type StoredEvent } from './domain/events';
export { type Health, type ServerCommand, type ServerState } from './domain/states';
export { type ServerStatus, type ServerSummary } from './domain/servers/status';
export { type ToolDefinition } from './domain/catalogue/tools';
export {
  type ValidationCheck,
  type ValidationLoad,
  type ValidationReport,
  type ValidationStatus,
} from './domain/servers/validation';
export { type ServerEntry } from './inventory/config/config-schema';
