import js from '@eslint/js'
import globals from 'globals'
import { importX } from 'eslint-plugin-import-x'
import svelte from 'eslint-plugin-svelte'
import ts from 'typescript-eslint'
import { LAYERS, WORLDS } from './scripts/layers.mjs'

/** The rules that keep the layers of scripts/layers.mjs. */
const layers = LAYERS.map(({ room, imports, world }) => {
  const own = room.endsWith('/*')
  const folder = own ? room.slice(0, -2) : room
  const allowed = [folder, ...imports.map((name) => name.replace(/\/\*$/, '')), 'node_modules']
  return {
    files: own ? [`${folder}/*.{ts,svelte}`] : [`${folder}/**/*.{ts,svelte}`],
    ignores: ['**/*.test.ts'],
    rules: {
      'import-x/no-restricted-paths': [
        'error',
        {
          zones: [
            {
              target: `./${folder}`,
              from: './',
              except: allowed.map((name) => `./${name}`),
              message: `${room} may import ${imports.join(', ') || 'no other folder'}: see scripts/layers.mjs`,
            },
          ],
        },
      ],
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: WORLDS[world].ban, message: WORLDS[world].why }] },
      ],
      ...(world !== 'node' && {
        'no-restricted-syntax': [
          'error',
          { selector: 'ImportExpression[source.value=/^node:/]', message: WORLDS[world].why },
        ],
      }),
    },
  }
})

/** Tables, one row a line: their length is their matter's. */
const TABLES = [
  'guest/runtime/cli/compose/flags.ts',
  'guest/runtime/cli/compose/model/decode-service.ts',
  'guest/runtime/cli/compose/model/schema/schema.ts',
  'guest/runtime/oci/seccomp/syscalls-i386.ts',
  'guest/runtime/testing/cli/canned-data.ts',
  'guest/runtime/testing/cli/canned-engine.ts',
  'scripts/layers.mjs',
  'test/harness/fixture-data.ts',
]

export default ts.config(
  { ignores: ['dist', 'public', 'test-results', '**/*.generated.ts', 'guest/native/build'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs['flat/recommended'],
  { languageOptions: { globals: { ...globals.browser, ...globals.node, ...globals.worker } } },
  {
    rules: {
      'no-undef': 'off',
      'no-control-regex': 'off',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'anywhere' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser } } },
  { plugins: { 'import-x': importX } },
  ...layers,
  {
    files: ['**/*.{ts,mjs,svelte}'],
    ignores: ['**/*.test.ts', 'test/**', ...TABLES],
    rules: { 'max-lines': ['error', { max: 300, skipComments: true }] },
  },
  {
    files: ['**/*.ts'],
    ignores: ['**/*.svelte.ts'],
    languageOptions: {
      parserOptions: {
        project: [
          'guest/protocol/tsconfig.json',
          'guest/vocabulary/tsconfig.json',
          'guest/runtime/tsconfig.json',
          'web/tsconfig.machine.json',
          'web/tsconfig.json',
          'tsconfig.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: { '@typescript-eslint/no-floating-promises': 'error' },
  },
)
