/**
 * `npm test`: everything, from nothing to the last browser. Artefacts and page, of which a kernel takes longest, are built
 * behind the checks and the unit tests, which need none of them. The first failure ends the run.
 */
import { check } from './check.ts'
import { main } from './lib/main.ts'
import { NpmScripts } from './lib/npm-scripts.ts'

await main(async () => {
  const scripts = new NpmScripts()
  const quick = async (): Promise<void> => {
    await check(scripts)
    await scripts.run('test:unit', { shown: 'by line' })
  }
  await Promise.all([scripts.run('build', { shown: 'by line', behind: true }), quick()])
  await scripts.run('test:guest', { shown: 'as it comes' })
  await scripts.run('test:e2e', { shown: 'as it comes' })
})
