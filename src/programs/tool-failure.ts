import { type ErrorCode, MainspringError } from '../base/errors';

/** What a line in the output of a failed tool means. */
export interface FailureRule {
  pattern: RegExp;
  code: ErrorCode;
}

/** Of any tool. Disk first: a full disk makes tools say all kinds of things. */
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

/** Lines that go into an error; the log has all. */
const LINES_IN_ERRORS = 12;
const NOISE =
  /^(npm (http|warn|WARN|notice|info|verb) .*|npm (error|ERR!) (A complete log|Log files were not written) .*|\s*)$/;

/** The first line of an error; what the tool said follows. */
const MEANINGS: Partial<Record<ErrorCode, string>> = {
  PACKAGE_NOT_FOUND: 'package not found',
  VERSION_NOT_FOUND: 'version not found',
  INTEGRITY_MISMATCH: 'the registry has something other than expected',
  REGISTRY_UNREACHABLE: 'cannot reach the registry',
  DISK_FULL: 'the disk is full',
};

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
  const text = [...lines, ended].join('\n');
  const rule = [...rules, ...COMMON_RULES].find(({ pattern }) => pattern.test(text));
  const said = lines.filter((line) => !NOISE.test(line)).slice(-LINES_IN_ERRORS);
  const code = rule?.code ?? 'INSTALL_FAILED';
  const words = MEANINGS[code];
  const exit = `${tool} exited with ${ended}`;
  const message = [words === undefined ? exit : `${words} (${exit})`, ...said].join('\n');
  return new MainspringError(code, message);
}
