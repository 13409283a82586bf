import js from '@eslint/js'
import globals from 'globals'
import svelte from 'eslint-plugin-svelte'
import ts from 'typescript-eslint'

/**
 * The layers of ARCHITECTURE.md as import rules: each entry names a folder and what it must not import.
 * Nothing imports upward; `web` sees of `guest` only `guest/protocol`.
 */
const layers = [
  {
    files: ['guest/protocol/**/*.ts'],
    ban: ['node:*', '**/vocabulary/**', '**/runtime/**', '**/web/**', '**/scripts/**'],
    why: 'guest/protocol is pure TypeScript shared by both sides',
  },
  {
    files: ['guest/vocabulary/**/*.ts'],
    ban: ['node:*', '**/runtime/**', '**/web/**', '**/scripts/**'],
    why: 'guest/vocabulary is pure TypeScript shared by engine, page and scripts; it sees only guest/protocol',
  },
  {
    files: ['guest/runtime/**/*.ts'],
    ban: ['**/web/**', '**/scripts/**'],
    why: 'the engine sees only guest/protocol and guest/vocabulary',
  },
  {
    files: ['guest/runtime/{api,cli,lifecycle,image,build,network,volume,oci,cri}/**/*.ts'],
    ban: [
      'node:fs',
      'node:fs/promises',
      'node:net',
      'node:child_process',
      'node:dgram',
      '**/web/**',
      '**/scripts/**',
    ],
    why: 'only guest/runtime/host touches files, sockets and processes',
  },
  {
    files: ['web/src/{vm,layers}/**/*.ts'],
    ban: [
      'node:*',
      '**/runtime/**',
      '**/worker/**',
      '**/client/**',
      '**/state/**',
      '**/ui/**',
      'svelte',
      'comlink',
    ],
    why: 'vm and layers run in a worker and in Node and know nothing above them',
  },
  {
    files: ['web/src/{client,state,ui,embed,lessons,i18n}/**/*.{ts,svelte}'],
    ban: ['node:*', '**/runtime/**', '**/vm/**', '**/layers/**', 'v86', 'idb-keyval'],
    why: 'the page talks to the machine through web/src/worker/machine-api and the engine client',
  },
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
  ...layers.map(({ files, ban, why }) => ({
    files,
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: ban, message: why }] }] },
  })),
)
