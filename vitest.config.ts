import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { fileTimesReporter } from './test/support/file-times-reporter.ts'
import { LongestFirst } from './test/support/longest-first.ts'

/** What needs no snapshot, and so can run while it is taken. The others boot from it, most of them. */
const COLD = [
  'test/guest/nine.test.ts',
  'test/guest/served-tree.test.ts',
  'test/conformance/compose-config.test.ts',
  'test/conformance/docker-registry.test.ts',
  'test/conformance/site-images.test.ts',
  'test/conformance/taken-compose.test.ts',
]

export default defineConfig({
  test: {
    reporters: ['default', fileTimesReporter],
    // A VM is one thread, so two cores carry two of them; vitest by itself would leave one core idle.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
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
          // Some run programs of this machine, and their hooks install what is missing of these.
          testTimeout: 30_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'guest',
          include: ['test/guest/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          exclude: COLD,
          // A hang is to be told from a machine that does other things too.
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'cold',
          include: COLD,
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'peers',
          include: ['test/peers/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
})
