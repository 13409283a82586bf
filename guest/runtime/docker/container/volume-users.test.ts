import { expect, test } from 'vitest'
import { EngineError } from '../../../protocol/errors.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { startContainer } from './start-container.ts'
import { whileDown } from './volume-users.ts'

/** Two running containers that have the volume `data`, one of which removes itself at its end, and one that has not. */
async function scene() {
  const engine = testEngine()
  const Binds = ['data:/data']
  const containers = [
    await engine.create({ HostConfig: { Binds, AutoRemove: true } }, 'one'),
    await engine.create({ HostConfig: { Binds: ['data:/data:ro'] } }, 'two'),
    await engine.create({}, 'other'),
  ]
  for (const container of containers) await startContainer(engine.context, container)
  const running = () => containers.filter(({ isRunning }) => isRunning).map(({ plainName }) => plainName)
  return { engine, containers, running }
}

const ALL = ['one', 'two', 'other']

test('the volume’s users are down while its data is replaced, and run again after, one with --rm too', async () => {
  const { engine, running } = await scene()
  expect(await whileDown(engine.context, 'data', async () => running())).toEqual(['other'])
  expect(running()).toEqual(ALL)
  expect(engine.context.containers.all()).toHaveLength(ALL.length)
})

test('they run again when the data could not be replaced, and the failure is the caller’s', async () => {
  const { engine, running } = await scene()
  const failure = new EngineError('corrupt', 'a block is damaged')
  await expect(whileDown(engine.context, 'data', () => Promise.reject(failure))).rejects.toBe(failure)
  expect(running()).toEqual(ALL)
})

test('one that does not start again is reported, and the others do', async () => {
  const { engine, containers, running } = await scene()
  const launch = engine.context.launcher.launch.bind(engine.context.launcher)
  const work = async () => {
    engine.context.launcher.launch = () => {
      engine.context.launcher.launch = launch
      return Promise.reject(new EngineError('internal', 'no more memory'))
    }
    return 'replaced'
  }
  expect(await whileDown(engine.context, 'data', work)).toBe('replaced')
  expect(running()).toEqual(['two', 'other'])
  expect(containers[0]!.record.state.error).toContain('no more memory')
  expect(engine.reported).toHaveLength(1)
})
