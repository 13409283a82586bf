/** A creation fails, and then cannot take back everything that it had made. */
import { expect, test } from 'vitest'
import { EngineError } from '../../../protocol/errors.ts'
import { testEngine, type TestEngine } from '../../testing/test-engine.ts'

const cause = new EngineError('exhausted', 'cannot write: ENOSPC')
const stuck = new EngineError('unavailable', 'the page is gone')
const reportOfIt = expect.objectContaining({ message: expect.stringContaining(stuck.message) as string })
const fails = () => Promise.reject(stuck)

test.each<[what: string, spoil: (engine: TestEngine) => void]>([
  ['its layers', ({ context }) => (context.content = { ...context.content, release: fails })],
  ['its volumes', ({ context }) => (context.volumes.release = fails)],
  ['its directories', ({ files }) => (files.removeTree = fails)],
])('an undo that fails for %s is said, hides no cause and leaves the name free', async (_, spoil) => {
  const engine = testEngine()
  const { context } = engine
  const add = context.containers.add.bind(context.containers)
  context.containers.add = () => Promise.reject(cause)
  spoil(engine)
  await expect(engine.create({}, 'web')).rejects.toBe(cause)
  expect(engine.reported).toContainEqual(reportOfIt)
  expect(context.containers.names).toEqual([])
  context.containers.add = add
  expect((await engine.create({}, 'web')).plainName).toBe('web')
})
