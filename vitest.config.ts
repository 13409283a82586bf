import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [svelte({ configFile: false })],
        test: {
          name: 'unit',
          include: [
            'guest/**/*.test.ts',
            'web/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/contract/**/*.test.ts',
          ],
        },
      },
      {
        // One VM at a time: the files of this project share the machine's two cores.
        test: {
          name: 'guest',
          include: ['test/guest/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
