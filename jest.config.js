const common = {
  testEnvironment: 'node',
  runner: '<rootDir>/test/side-by-side-runner.js',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.mainspring-dev/'],
  transform: {
    '^.+\\.[tj]s$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  // `import('./x.js')` is how Node finds x when it is built; here it is still x.ts.
  moduleNameMapper: { '^(\\.\\.?/.+)\\.js$': '$1' },
  clearMocks: true,
  // Not in the folder for temporary files: there, `npm test` finds what the tests left behind.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
};

/** @type {import('jest').Config} */
module.exports = {
  // Jest would leave one core free, which on a machine with two means no parallel tests.
  maxWorkers: '100%',
  // A test of seconds takes several times as long beside all the others on a busy machine.
  testTimeout: 60_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/'],
    },
    {
      ...common,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      setupFilesAfterEnv: ['<rootDir>/test/e2e/set-timeout.ts'], // projects cannot set `testTimeout`
    },
  ],
};
