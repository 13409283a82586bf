import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { projectRoot } from '../../scripts/lib/paths.ts'

/** Files that take minutes, the longest first, as the end of `npm test` shows them; a new clone knows no times. */
const LONG = [
  'test/conformance/docker-cli.test.ts',
  'test/guest/lessons.test.ts',
  'test/guest/nine.test.ts',
  'test/guest/chaos.test.ts',
  'test/guest/instructions.test.ts',
  'test/conformance/dockerode-containers.test.ts',
  'test/e2e/browsers/webkit.test.ts',
  'test/e2e/volumes.test.ts',
  'test/e2e/lessons.test.ts',
  'test/e2e/page.test.ts',
]

/** Begins with the longest files: a worker that begins one of them last leaves the others idle. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONG.indexOf(relative(projectRoot, moduleId))
      return place < 0 ? LONG.length : place
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
