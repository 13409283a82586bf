import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'
import { keepFileTimes } from '../../scripts/lib/file-times.ts'
import { projectRoot } from '../../scripts/lib/paths.ts'

/** Keeps the time of each file, its imports and hooks included, for `scripts/slowest-tests.ts`. */
export const fileTimesReporter: Reporter = {
  async onTestRunEnd(modules) {
    await keepFileTimes(modules.map(timeOf))
  },
}

function timeOf(module: TestModule) {
  const { collectDuration, duration } = module.diagnostic()
  return {
    project: module.project.name,
    file: relative(projectRoot, module.moduleId),
    milliseconds: collectDuration + duration,
  }
}
