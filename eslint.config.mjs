import { builtinModules } from 'node:module';
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// Folder (or file beside them) -> what of ours it may import. This table is the architecture.
const allowed = {
  'src/base': [],
  'src/async': ['src/base'],
  'src/domain': ['src/base'],
  'src/config.ts': ['src/base', 'src/domain'],
  'src/process': ['src/base', 'src/domain'],
  'src/net': ['src/base', 'src/domain'],
  'src/store': ['src/base', 'src/async', 'src/domain'],
  'src/inventory': ['src/base', 'src/domain'],
  'src/mcp': ['src/base', 'src/async', 'src/domain', 'src/net', 'src/process'],
  'src/oauth': ['src/base', 'src/domain', 'src/net', 'src/store'],
  'src/temporal': ['src/base', 'src/domain', 'src/net', 'src/process'],
  'src/programs': [
    'src/base',
    'src/async',
    'src/config.ts',
    'src/domain',
    'src/net',
    'src/process',
    'src/store',
  ],
  'src/validation': ['src/base', 'src/domain', 'src/process', 'src/mcp'],
  'src/templates': ['src/base', 'src/domain', 'src/inventory'],
  'src/doctor': [
    'src/base',
    'src/config.ts',
    'src/domain',
    'src/net',
    'src/process',
    'src/inventory',
    'src/programs',
    'src/temporal',
  ],
  'src/offline': [
    'src/base',
    'src/config.ts',
    'src/domain',
    'src/process',
    'src/inventory',
    'src/templates',
    'src/temporal',
  ],
  workflows: ['src/base', 'src/domain', 'activities'], // activities: types only, see below
  activities: [
    'src/base',
    'src/async',
    'src/domain',
    'src/net',
    'src/oauth',
    'src/mcp',
    'src/process',
    'src/store',
    'src/inventory',
    'src/programs',
    'src/validation',
    'src/temporal', // what workers sign and verify with
  ],
  'src/client': [
    'src/base',
    'src/async',
    'src/config.ts',
    'src/domain',
    'src/oauth',
    'src/process',
    'src/store',
    'src/inventory',
    'src/templates',
    'src/temporal',
    'src/offline',
    'workflows',
  ],
  'src/gateway': [
    'src/base',
    'src/async',
    'src/domain',
    'src/client',
    'src/store',
    'src/inventory',
  ],
  'src/roles': [
    'src/base',
    'src/async',
    'src/config.ts',
    'src/domain',
    'src/oauth',
    'src/process',
    'src/mcp',
    'src/store',
    'src/inventory',
    'src/programs',
    'src/temporal',
    'src/offline',
    'src/client',
    'src/gateway',
    'activities',
    'workflows',
  ],
  'src/cli': [
    'src/base',
    'src/async',
    'src/config.ts',
    'src/domain',
    'src/offline',
    'src/client',
    'src/doctor',
    'src/roles',
  ],
  'src/index.ts': ['src/base', 'src/domain', 'src/client', 'src/inventory'],
  benchmarks: [
    'src/index.ts',
    'src/config.ts',
    'src/base',
    'src/async',
    'src/domain',
    'src/process',
    'src/temporal',
    'src/offline',
    'src/client',
    'activities',
  ],
};
const zones = Object.entries(allowed).map(([folder, dependencies]) => ({
  target: `./${folder}`,
  from: Object.keys(allowed)
    .filter((other) => other !== folder && !dependencies.includes(other))
    .map((other) => `./${other}`),
  message: `${folder} may import only: ${dependencies.join(', ') || 'nothing of ours'}.`,
}));

const nodeBuiltins = builtinModules.flatMap((name) => [name, `node:${name}`]);
const maxLines = (max) => ['error', { max, skipBlankLines: true, skipComments: true }];

export default tseslint.config(
  { ignores: ['dist', 'dist.building', 'coverage'] },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [importX.createNodeResolver({ extensions: ['.ts', '.js'] })],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/require-await': 'off', // activities and handlers are async by contract
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'object-shorthand': ['error', 'always'],
      'max-lines': maxLines(300),
      'max-lines-per-function': maxLines(70),
    },
  },
  {
    files: ['workflows/**/*.ts', 'src/domain/**/*.ts'],
    rules: {
      'max-lines-per-function': maxLines(100), // a workflow function contains its message handlers
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: nodeBuiltins.map((name) => ({
            name,
            message: 'Bundled into the workflow sandbox: do I/O in an activity.',
          })),
          patterns: [
            {
              group: ['**/activities', '**/activities/*'],
              allowTypeImports: true,
              message: 'Import activity types only; call activities through proxyActivities.',
            },
            {
              group: [
                '@temporalio/client',
                '@temporalio/worker',
                '@temporalio/activity',
                '@modelcontextprotocol/*',
              ],
              allowTypeImports: true,
              message: 'Not available in the workflow sandbox.',
            },
          ],
        },
      ],
    },
  },
  { files: ['src/cli/**/*.ts', 'benchmarks/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*.ts', 'benchmarks/**/*.ts'],
    rules: { 'max-lines': 'off', 'max-lines-per-function': 'off' },
  },
  {
    files: ['**/*.{js,mjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        module: 'writable',
        require: 'readonly',
        process: 'readonly',
        console: 'readonly',
        __dirname: 'readonly',
        Buffer: 'readonly',
        AbortController: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        URL: 'readonly',
      },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off', 'no-console': 'off' },
  },
  prettier,
);
