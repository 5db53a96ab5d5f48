/** Instances of several processes, on a machine that may be busy. */
const E2E_TIMEOUT_MS = 300_000;

jest.setTimeout(E2E_TIMEOUT_MS);
