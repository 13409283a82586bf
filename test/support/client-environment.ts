import type { Environment } from 'vitest/runtime'

/**
 * Node's globals, but modules are compiled as for the browser: what state classes (*.svelte.ts) need, whose reactivity the
 * server build of Svelte leaves out. Asked for by a `@vitest-environment` comment at the head of a test file.
 */
export default {
  name: 'porthole-client',
  viteEnvironment: 'client',
  setup: () => ({ teardown: () => {} }),
} satisfies Environment
