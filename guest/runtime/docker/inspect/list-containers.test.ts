import { describe, expect, test } from 'vitest'
import type { Filters } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { containerSize } from './inspect-container.ts'
import { listContainers } from './list-containers.ts'

/** Containers created at moments whose texts sort otherwise: `….1Z`, `….12Z`, `….12Z` again, `….123Z`. */
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

const ALL = { all: true, size: false, limit: 0, filters: {} }

describe('an image that', () => {
  async function withImages(failure: EngineError) {
    const { context, create } = testEngine()
    const container = await create({}, 'web')
    context.images.find = () => Promise.reject(failure)
    return {
      list: (filters: Filters = {}) => listContainers(context, { ...ALL, filters }),
      size: () => containerSize(context, container),
    }
  }

  test('cannot be looked up for another reason than that it is not there makes the request fail', async () => {
    const lost = new EngineError('unavailable', 'the page is gone')
    const { list, size } = await withImages(lost)
    await expect(list()).rejects.toBe(lost)
    await expect(list({ ancestor: ['busybox'] })).rejects.toBe(lost)
    await expect(size()).rejects.toBe(lost)
  })

  test('is gone leaves its id in the list, no ancestor and no bytes', async () => {
    const { list, size } = await withImages(new EngineError('not-found', 'No such image: busybox:latest'))
    expect((await list())[0]?.Image).toMatch(/^sha256:/)
    expect(await list({ ancestor: ['busybox'] })).toEqual([])
    expect(await size()).toEqual({ SizeRw: 0, SizeRootFs: 0 })
  })
})
