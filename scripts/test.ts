/**
 * `npm test`: everything, from nothing to the last browser. Behind the checks and the unit tests is built what they do not
 * need: a kernel takes longest. Beside the tests that boot without a snapshot, the snapshot and the page. The first failure
 * ends the run.
 */
import { check } from './check.ts'
import { main } from './lib/main.ts'
import { NpmScripts } from './lib/npm-scripts.ts'

await main(async () => {
  const scripts = new NpmScripts()
  const beside = (name: string, behind = false) => scripts.run(name, { shown: 'by line', behind })
  const alone = (name: string) => scripts.run(name, { shown: 'as it comes' })
  await Promise.all([beside('build:cold', true), check(scripts).then(() => beside('test:unit'))])
  // The snapshot is what the next tests wait for.
  await Promise.all([beside('build'), beside('test:cold')])
  await alone('test:restored')
  await alone('test:e2e')
})
