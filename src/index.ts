export { type AlertFilter, type ReceiverSummary } from './client/alerts';
export { CallHandle, type CallStatus } from './client/call-handle';
export { type AnyCallHandle } from './client/direct-handles';
export { type CallToolOptions } from './client/calls';
export { type InstallOptions, type UpgradeOptions, type VersionReport } from './client/installs';
export { type ConnectOptions, MainspringClient, type ToolCall } from './client/mainspring-client';
export { type LoginOptions, type LoginResult, type LogoutResult } from './client/logins';
export { type AddOptions, type CommandOptions } from './client/servers';
export { type ValidationOptions, type ValidationProgress } from './client/validation';
export { type Alert, type AlertKind } from './domain/alerts';
export { type CallStats } from './domain/call-stats';
export {
  type CallOutcome,
  type CallProgress,
  type CallRecord,
  type Json,
  type JsonObject,
  type Outcome,
} from './domain/calls';
export { type ErrorCode, type ErrorReport, MainspringError } from './domain/errors';
export { type CheckResult, type HealthResult } from './domain/health';
export { type HealthSummary, type HealthView } from './domain/health-view';
export { type HostStatus } from './domain/hosts';
export { type InstallReport, type InstallStatus } from './domain/installs';
export { type IsolationOrder } from './domain/isolation';
export { type ServerEvent, type StoredEvent } from './domain/events';
export { type Health, type ServerCommand, type ServerState } from './domain/states';
export { type ServerStatus, type ServerSummary } from './domain/status';
export { type ToolDefinition } from './domain/tools';
export {
  type ValidationCheck,
  type ValidationLoad,
  type ValidationReport,
  type ValidationStatus,
} from './domain/validation';
export { type ServerEntry } from './inventory/config-schema';
