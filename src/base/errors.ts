/**
 * Fixes for all error codes that Mainspring reports, used when the throwing code knows no better one. Codes are a
 * contract: the CLI prints them, the client returns them, and they are the `type` of Temporal ApplicationFailures.
 */
export const ERROR_FIXES = {
  // Commands and names
  WRONG_USAGE: 'Run the command with --help to see its arguments and an example.',
  INVALID_NAME: 'Use 1 to 64 letters, digits, "-" or "_", starting with a letter or digit.',
  NAME_TAKEN: 'Choose another name, or remove the existing server first: mainspring remove <name>.',
  COMMAND_INTERRUPTED:
    'The instance keeps working in the background. To check on it: mainspring status.',
  UNKNOWN_SERVER: 'List all servers: mainspring list.',
  UNKNOWN_TOOL: 'List the tools of the server: mainspring tools <name>.',
  UNKNOWN_CALL: 'List all calls: mainspring calls.',
  TRANSITION_REFUSED: 'See which commands are available: mainspring status <name>.',
  SERVER_DISABLED: 'Enable it first: mainspring enable <name>.',
  INVALID_CONFIG: 'Correct the named field and try again.',
  INVALID_JSON: 'Correct the JSON at the given position and try again.',
  INVALID_ARGUMENTS:
    "Correct the named argument. To see the tool's schema: mainspring tools <name> --json.",
  ARGUMENTS_TOO_LARGE: 'Pass a path or a URL instead of the content.',
  INVENTORY_CORRUPT: 'Correct the file at the given line, or restore it from a backup.',
  FILE_NOT_FOUND: 'Check the path.',
  FILE_EXISTS: 'Choose another file, or overwrite this one: --overwrite.',

  // Starting a server
  COMMAND_NOT_FOUND: 'Install the program, correct the command, or give its full path.',
  COMMAND_NOT_EXECUTABLE: 'Make the file executable: chmod +x <file>.',
  DIRECTORY_NOT_FOUND: 'Create the directory or correct "cwd".',
  VARIABLE_UNSET: 'Set the variable on the host, or give a default: ${NAME:-value}.',
  SPEC_UNTRUSTED: 'Add the server again on a machine that has the data directory and its key.',
  INPUT_UNTRUSTED:
    'Use the CLI or the client with the data directory of the hosts. Anything submitted before an upgrade has to be submitted again.',
  SERVER_EXITED: 'Check its output: mainspring logs <name>.',
  SERVER_CRASH_LOOP:
    'Check its output (mainspring logs <name>), fix the problem, and start it again.',
  HANDSHAKE_FAILED: 'Check that the program is an MCP server: mainspring logs <name>.',
  HANDSHAKE_TIMEOUT:
    'Check that the program speaks MCP on stdout, one message per line and without Content-Length headers, or raise the timeout: "timeouts": { "start": "2m" }.',
  CONNECTION_FAILED: 'Check the URL and that the server is reachable from the host.',
  CONNECTION_LOST: 'Check the server. Mainspring reconnects automatically.',
  LOGIN_REQUIRED: 'Log in: mainspring login <name>.',
  LOGIN_FAILED: 'Fix the reported problem and log in again: mainspring login <name>.',
  START_TIMEOUT: 'See the reason: mainspring events <name>.',
  MEMORY_EXCEEDED: 'Raise "limits": { "memoryMb": … }, or fix the memory leak.',
  HEALTH_CHECK_FAILED: 'See what failed: mainspring health <name>.',
  UNKNOWN_RECEIVER: 'List all receivers: mainspring alerts list.',
  ALERT_FAILED: 'Correct the receiver in its config file, then run: mainspring reload --all.',
  UNKNOWN_HOST: 'List all hosts: mainspring host list.',
  SERVER_KILLS_HOST:
    'Find out why before you start it again: check its last output above and mainspring logs <name>.',
  HOST_LOST: 'No action needed: the server moves to another host or waits for one.',

  // Installing programs
  PACKAGE_NOT_FOUND: 'Check the name and the registry, or run the command unchanged: --as-is.',
  VERSION_NOT_FOUND: 'Choose an existing version: see mainspring outdated or the registry.',
  INTEGRITY_MISMATCH:
    'Find out why it differs before you use this package, then remove or correct its "integrity".',
  REGISTRY_UNREACHABLE: 'Check the network, the proxy and the registry settings, then try again.',
  SOURCE_BUILD_REFUSED:
    'It has no prebuilt package for this machine. To build it, which runs its code: --allow-scripts <package>.',
  BUNDLE_REFUSED: 'Download the bundle from its publisher again. Do not unpack it.',
  PREREQUISITE_MISSING: 'See what is missing and how to fix it: mainspring doctor.',
  DISK_FULL: 'Free up disk space for the data directory, then try again.',
  INSTALL_FAILED: 'Check the installation log: mainspring status <name>.',
  INSTALL_CANCELLED: 'To install it again: mainspring install <name>.',
  NOT_INSTALLABLE:
    'Only servers from npm, PyPI, bundles, images and local projects can be installed.',
  DEPENDENCY_CYCLE: 'Remove one of the named "dependsOn" entries.',
  VALIDATION_FAILED: 'Check the report. The previous version, if any, stays in use.',
  UNKNOWN_TEMPLATE: 'List all templates: mainspring templates.',
  UNKNOWN_PROFILE: 'List all profiles: mainspring profile list.',
  INVALID_PARAMETER: 'See the parameters of the template: mainspring templates <name>.',

  // Calls
  SERVER_NOT_RUNNING: 'Start it first: mainspring start <name>.',
  CIRCUIT_OPEN: 'Wait for the next attempt, or close it: mainspring breaker <name> close.',
  SERVER_QUARANTINED:
    'Find out why (mainspring status <name>), then release it: mainspring release <name>.',
  TOOL_QUARANTINED: 'Review the changes and approve them: mainspring approve <name>.',
  SERVER_IN_MAINTENANCE:
    'Wait for the maintenance to end, or end it now: mainspring maintenance <name> off.',
  QUEUE_FULL: 'Try again later, or raise "limits": { "queuedCalls": … }.',
  RATE_LIMITED: 'Try again later: the server is limiting requests.',
  QUEUE_TIMEOUT: 'Try again, or wait longer: --queue-timeout, or "timeouts": { "queue": "2m" }.',
  CALL_CANCELLED:
    'No action needed: the cancellation was requested. A call that was already sent may have run in part; its key never runs again.',
  IDEMPOTENCY_CONFLICT: 'Use a new key for a different call.',
  OUTCOME_UNKNOWN:
    'Check whether the call took effect before you call again with a new key. This key never runs again.',
  RESULT_TOO_LARGE:
    'Request less from the tool, or raise "limits": { "messageBytes": … }. The tool may have run, and this key never runs again.',
  NOT_SENT: 'No action needed: the call is retried automatically.',
  TOOL_ERROR: 'Check the result: the server returned an error.',
  REQUEST_FAILED: 'Try again. To check the server: mainspring status <name>.',
  RESULT_EXPIRED: 'Call again with a new key.',
  RESULT_NOT_STORED:
    'Free up disk space for the data directory, and check that its "results" folder is writable.',

  // The gateway
  UNKNOWN_SESSION: 'Start a new session: initialize again without the session ID.',
  KEYS_MISSING:
    'Add a key to a config ("gateway": { "keys": { … } }), or listen on 127.0.0.1 only.',
  KEY_REQUIRED: 'Send a key defined in a config: "Authorization: Bearer <key>".',
  ACCESS_REFUSED:
    'Allow it in a config ("gateway": { "hosts": [ … ], "origins": [ … ] }), or use another key.',
  GATEWAY_BUSY: 'Try again later, or raise "gateway": { "limits": { … } } in a config.',

  // The instance
  NOT_RUNNING: 'Start Mainspring: mainspring up.',
  ALREADY_RUNNING: 'Use the running instance, or another data directory: MAINSPRING_HOME=<dir>.',
  HOME_UNUSABLE: 'Make the data directory writable, or choose another: MAINSPRING_HOME=<dir>.',
  TEMPORAL_UNREACHABLE: 'Check TEMPORAL_ADDRESS, or start the embedded server: mainspring up.',
  TEMPORAL_NOT_FOUND: 'Install Temporal CLI 1.9.1 or newer, or Go 1.26 to build it.',
  TEMPORAL_FAILED: 'Check <data directory>/logs/temporal.log.',
  WORKER_UNAVAILABLE: 'Start a control worker: mainspring up, or mainspring worker.',
  PORT_TAKEN: 'Choose another port, or 0 to pick a free port.',
  START_INTERRUPTED: 'To start it again: mainspring up.',
  STOP_TIMEOUT: 'Check the logs in <data directory>/logs.',
  START_FAILED: 'Check the logs in <data directory>/logs.',
  STORE_FAILED: 'Check the disk and <data directory>/mainspring.db.',
  INTERNAL_ERROR: 'Run again with --debug and report the output.',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof ERROR_FIXES;

/** Returns the fix for an error about a server, with the server's name. */
export function fixFor(code: ErrorCode, server: string): string {
  return withServerName(ERROR_FIXES[code], server);
}

/** Fills in the server's name, so that a user can copy the fix. */
export function withServerName(fix: string, server: string): string {
  return fix.replaceAll('<name>', server);
}

/** Error as a user sees it, on every surface: CLI, client, events and call outcomes. */
export interface ErrorReport {
  code: ErrorCode;
  message: string;
  fix: string;
}

/** The one error class that Mainspring throws on purpose. Anything else that escapes is a bug. */
export class MainspringError extends Error {
  override readonly name = 'MainspringError';
  readonly code: ErrorCode;
  readonly fix: string;

  constructor(code: ErrorCode, message: string, options: { fix?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.fix = options.fix ?? ERROR_FIXES[code];
  }

  report(): ErrorReport {
    return { code: this.code, message: this.message, fix: this.fix };
  }
}

/** Whether `value` is one of our codes, for failures that Temporal returns as plain strings. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_FIXES, value);
}

/** Returns the report of any thrown value; a foreign error becomes INTERNAL_ERROR, or DISK_FULL, with its message. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof MainspringError) return error.report();
  const message = error instanceof Error ? error.message : String(error);
  const code = isOutOfSpace(error) ? 'DISK_FULL' : 'INTERNAL_ERROR';
  return { code, message, fix: ERROR_FIXES[code] };
}

/** Whether a system error means that a disk or a quota is full. */
function isOutOfSpace(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return error.code === 'ENOSPC' || error.code === 'EDQUOT';
}
