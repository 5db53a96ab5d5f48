import { type ErrorCode, MainspringError } from '../base/errors';

/** Error code for a pattern in the output of a failed tool. */
export interface FailureRule {
  pattern: RegExp;
  code: ErrorCode;
}

/** Rules for every tool. Disk errors first, because a full disk causes many other errors. */
const COMMON_RULES: FailureRule[] = [
  {
    pattern: /\b(ENOSPC|EDQUOT|EFBIG|SIGXFSZ)\b|no space left on device|disk quota exceeded/i,
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

/** Maximum number of lines in an error; the log has all of them. */
const LINES_IN_ERRORS = 12;
const NOISE =
  /^(npm (http|warn|WARN|notice|info|verb) .*|npm (error|ERR!) (A complete log|Log files were not written) .*|\s*)$/;

/** First line of the error, by code; the output of the tool follows. */
const SUMMARIES: Partial<Record<ErrorCode, string>> = {
  PACKAGE_NOT_FOUND: 'package not found',
  VERSION_NOT_FOUND: 'version not found',
  INTEGRITY_MISMATCH: 'the registry has something other than expected',
  REGISTRY_UNREACHABLE: 'cannot reach the registry',
  DISK_FULL: 'the disk is full',
};

export interface ToolExit {
  tool: string;
  /** Exit status, such as `code 1` or `SIGKILL`. */
  ended: string;
  /** Last lines of its output. */
  lines: string[];
}

/** Builds the error of a failed tool: its own rules take precedence, and the first rule that matches any line wins. */
export function toolFailure(
  { tool, ended, lines }: ToolExit,
  rules: readonly FailureRule[] = [],
): MainspringError {
  const text = [...lines, ended].join('\n');
  const rule = [...rules, ...COMMON_RULES].find(({ pattern }) => pattern.test(text));
  const shownLines = lines.filter((line) => !NOISE.test(line)).slice(-LINES_IN_ERRORS);
  const code = rule?.code ?? 'INSTALL_FAILED';
  const summary = SUMMARIES[code];
  const exit = `${tool} exited with ${ended}`;
  const message = [summary === undefined ? exit : `${summary} (${exit})`, ...shownLines].join('\n');
  return new MainspringError(code, message);
}
