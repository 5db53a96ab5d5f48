import { type ErrorCode, MainspringError } from '../domain/errors';

/** What a line in the output of a failed tool means. */
export interface FailureRule {
  pattern: RegExp;
  code: ErrorCode;
}

/** Of any tool. Disk first: a full disk makes tools say all kinds of things. */
const COMMON_RULES: FailureRule[] = [
  {
    pattern: /\bENOSPC\b|no space left on device|disk quota exceeded|\bEDQUOT\b/i,
    code: 'DISK_FULL',
  },
  {
    pattern:
      /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|EPIPE|ERR_SOCKET_TIMEOUT|UND_ERR_\w+|FETCH_ERROR)\b/,
    code: 'REGISTRY_UNREACHABLE',
  },
  {
    pattern:
      /connection refused|connection reset|temporary failure in name resolution|name or service not known|network is unreachable|no route to host|timed out|dns error|socket hang up/i,
    code: 'REGISTRY_UNREACHABLE',
  },
  {
    pattern: /\b(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_HAS_EXPIRED|DEPTH_ZERO_\w+)\b/,
    code: 'REGISTRY_UNREACHABLE',
  },
];

export interface ToolExit {
  tool: string;
  /** `code 1` or `SIGKILL`. */
  ended: string;
  /** The last lines that it wrote. */
  lines: string[];
}

/** Why a tool failed: the tool's own rules go first, and among them the first that matches any line. */
export function toolFailure(
  { tool, ended, lines }: ToolExit,
  rules: readonly FailureRule[] = [],
): MainspringError {
  const text = lines.join('\n');
  const rule = [...rules, ...COMMON_RULES].find(({ pattern }) => pattern.test(text));
  const said = lines.filter((line) => line.trim() !== '').join('\n');
  const message =
    said === '' ? `${tool} ended with ${ended}` : `${tool} ended with ${ended}:\n${said}`;
  return new MainspringError(rule?.code ?? 'INSTALL_FAILED', message);
}
