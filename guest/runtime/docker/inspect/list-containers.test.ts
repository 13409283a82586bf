import { describe, expect, test } from 'vitest'
import type { Filters } from '../../../protocol/api/engine-api.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { listContainers } from './list-containers.ts'

/** Made at moments whose texts sort otherwise: `….1Z`, `….12Z`, `….12Z` again, `….123Z`. */
async function scene() {
  const engine = testEngine()
  for (const [name, milliseconds] of [
    ['one', 100],
    ['two', 20],
    ['three', 0],
    ['four', 3],
  ] as const) {
    engine.clock.advance(milliseconds)
    await engine.create({}, name)
  }
  return async (filters: Filters) =>
    (await listContainers(engine.context, { all: true, size: false, limit: 0, filters })).map(({ Names }) =>
      Names[0]!.slice(1),
    )
}

describe('a list of containers', () => {
  test('has the newest first, and of one moment the last', async () => {
    expect(await (await scene())({})).toEqual(['four', 'three', 'two', 'one'])
  })

  test.each<[Filters, string[]]>([
    [{ before: ['three'] }, ['two', 'one']],
    [{ since: ['two'] }, ['four', 'three']],
    [{ since: ['one'], before: ['four'] }, ['three', 'two']],
  ])('filtered by %j is %j', async (filters, names) => {
    expect(await (await scene())(filters)).toEqual(names)
  })
})
