/** `npm run check`: types, Svelte, lint and format side by side, as many at once as there are processors. */
import { availableParallelism } from 'node:os'
import { isMain, main } from './lib/main.ts'
import { NpmScripts } from './lib/npm-scripts.ts'

/** The longest first, so that none of them is left to run alone. */
const CHECKS = ['check:types', 'check:lint', 'check:svelte', 'check:format']

export async function check(scripts: NpmScripts): Promise<void> {
  const left = [...CHECKS]
  const next = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift())
      await scripts.run(name, { shown: 'whole' })
  }
  await Promise.all(Array.from({ length: availableParallelism() }, next))
}

if (isMain(import.meta.url)) await main(() => check(new NpmScripts()))
