/** What `mainspring validate` found out about one server. */
export interface ValidationReport {
  server: string;
  passed: boolean;
  startedAtMs: number;
  durationMs: number;
  serverInfo?: { name: string; version: string };
  protocolVersion?: string;
  checks: ValidationCheck[];
  load?: ValidationLoad;
  memory?: { beforeBytes: number; afterBytes: number };
}

export interface ValidationCheck {
  /** Stable, such as `handshake` or `unknown-method`. */
  name: string;
  status: 'passed' | 'failed' | 'warning' | 'skipped';
  detail: string;
  ms: number;
}

export interface ValidationLoad {
  requests: number;
  succeeded: number;
  averageMs: number;
  p50Ms: number;
  p95Ms: number;
}

/** What a spec declares about how it may be tested. */
export interface ValidationSpec {
  /** Calls that are safe to make at any time; no other tool is ever called. */
  calls: ValidationCall[];
  /** A variable or header without which the server must refuse calls. */
  credential?: string;
}

export interface ValidationCall {
  tool: string;
  arguments: Record<string, unknown>;
  /** Text that the answer must contain. */
  expect?: string;
}
