import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// Folder (or file beside them) -> what of ours it may import. This table is the architecture; of activities, workflows import
// types only (see below). A room within another has a row of its own where it may import less than the outer one, or where
// others may import less than all of that.
const allowed = JSON.parse(readFileSync(new URL('./imports.json', import.meta.url), 'utf8'));
const isWithin = (room, outer) => room.startsWith(`${outer}/`);
const zones = Object.entries(allowed).flatMap(([room, dependencies]) =>
  Object.keys(allowed)
    .filter((other) => other !== room && !dependencies.includes(other) && !isWithin(other, room))
    .map((other) => ({
      target: `./${room}`,
      from: `./${other}`,
      except: [room, ...dependencies]
        .filter((inner) => isWithin(inner, other))
        .map((inner) => `./${inner.slice(other.length + 1)}`),
      message: `${room} may import only: ${dependencies.join(', ') || 'nothing of ours'}.`,
    })),
);

const nodeBuiltins = builtinModules.flatMap((name) => [name, `node:${name}`]);
const maxLines = (max) => ['error', { max, skipBlankLines: true, skipComments: true }];

export default tseslint.config(
  { ignores: ['dist', 'dist.building', 'coverage', '.mainspring-dev'] },
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
