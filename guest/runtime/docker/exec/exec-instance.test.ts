import { expect, test } from 'vitest'
import { EngineError } from '../../../protocol/errors.ts'
import { removeContainer } from '../container/remove-container.ts'
import { startContainer } from '../container/start-container.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { createExec, createGuestExec } from './exec-instance.ts'
import { startExec } from './exec-process.ts'

const FIVE_MINUTES = 5 * 60_000

async function scene() {
  const engine = testEngine()
  const container = await engine.create({}, 'web')
  await startContainer(engine.context, container)
  return { engine, container, context: engine.context }
}

test('an exec that is never started goes with its container', async () => {
  const { engine, container, context } = await scene()
  const id = await createExec(context, container, { Cmd: ['true'] })
  engine.clock.advance(2 * FIVE_MINUTES)
  expect(context.execs.find(id).running).toBe(false)
  await removeContainer(context, container, { force: true, volumes: true })
  expect(() => context.execs.find(id)).toThrow(`No such exec instance: ${id}`)
  expect(context.execs.size).toBe(0)
})

test('one of the guest that is never started goes after five minutes, one that was started does not', async () => {
  const { engine, context } = await scene()
  const never = createGuestExec(context, { Cmd: ['true'] })
  const started = createGuestExec(context, { Cmd: ['sh'] })
  await startExec(context, context.execs.find(started), { detach: true })
  engine.clock.advance(FIVE_MINUTES - 1)
  expect(context.execs.size).toBe(2)
  engine.clock.advance(1)
  expect(() => context.execs.find(never)).toThrow('No such exec instance')
  expect(context.execs.find(started).running).toBe(true)
})

test.each([
  ['', ['audio', '777']],
  ['www', ['audio', '777']],
])('one of the user %j is in the groups that were added to its container', async (User, groups) => {
  const { context, machine, create } = testEngine()
  const container = await create({ HostConfig: { GroupAdd: ['audio', '777'] } }, 'web')
  await startContainer(context, container)
  const id = await createExec(context, container, { Cmd: ['id'], User })
  await startExec(context, context.execs.find(id), { detach: true })
  const { init } = machine.process(id).plan
  expect(init.flatMap((step) => (step.op === 'add-group' ? step.group : []))).toEqual(groups)
})

test('a user is looked up in the container’s root without what is mounted in it', async () => {
  const { engine, container, context } = await scene()
  const { pid, startTime } = container.task!.identity
  await createExec(context, container, { Cmd: ['true'], User: 'www' })
  expect(engine.machine.hostPlans.at(-1)!.steps).toMatchObject([
    { op: 'open-process', pid, startTime: BigInt(startTime) },
    { op: 'setns-slot', flags: 0x20000 },
    { op: 'open-tree', path: '/' },
    { op: 'resolve-user', user: 'www' },
  ])
  engine.machine.failNext(
    new EngineError('internal', 'raw', { role: 'shim', step: 3, op: 'resolve-user', errno: 2 }),
  )
  await expect(createExec(context, container, { Cmd: ['true'], User: 'ghost' })).rejects.toMatchObject({
    code: 'invalid',
    message: 'unable to find user ghost: no matching entries in passwd file',
  })
})
