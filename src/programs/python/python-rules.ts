import { type FailureRule } from '../tool-failure';

/** Makes pip non-interactive, and overrides settings of the user that would install packages elsewhere. */
export const PIP_ENV: Record<string, string> = {
  PIP_USER: '0',
  PIP_NO_INPUT: '1',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_PROGRESS_BAR: 'off',
  PIP_NO_WARN_SCRIPT_LOCATION: '1',
};

/** Connection errors first: pip continues after a lost connection and then finds no versions. */
export const PIP_RULES: FailureRule[] = [
  { pattern: /connection broken by|Could not fetch URL/i, code: 'REGISTRY_UNREACHABLE' },
  { pattern: /DO NOT MATCH THE HASHES/, code: 'INTEGRITY_MISMATCH' },
  {
    pattern: /require a different python version[^]*\(from versions: none\)/,
    code: 'PREREQUISITE_MISSING',
  },
  { pattern: /\(from versions: none\)/, code: 'PACKAGE_NOT_FOUND' },
  { pattern: /Could not find a version that satisfies/, code: 'VERSION_NOT_FOUND' },
  { pattern: /\bHTTP error 5\d\d|5\d\d Server Error/, code: 'REGISTRY_UNREACHABLE' },
];

export const UV_RULES: FailureRule[] = [
  {
    pattern: /building from source is disabled|no usable wheels|no wheels with a matching/,
    code: 'SOURCE_BUILD_REFUSED',
  },
  { pattern: /hash mismatch/i, code: 'INTEGRITY_MISMATCH' },
  {
    pattern: /was not found in the (?:package registry|provided package locations)/,
    code: 'PACKAGE_NOT_FOUND',
  },
  { pattern: /current Python version \(.+\) does not satisfy/, code: 'PREREQUISITE_MISSING' },
  {
    pattern: /there (?:is|are) no versions? of|only .+ (?:is|are) available/,
    code: 'VERSION_NOT_FOUND',
  },
  { pattern: /Failed to fetch|error sending request/, code: 'REGISTRY_UNREACHABLE' },
];
