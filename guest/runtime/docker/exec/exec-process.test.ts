import { expect, test } from 'vitest'
import type { LaunchPlan } from '../../plan/plan.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { startContainer } from '../container/start-container.ts'
import { collectStream } from '../stream/collect-stream.ts'
import { createExec, resizeExec } from './exec-instance.ts'
import { startExec } from './exec-process.ts'

test('the shim of a process that has ended already is kept until its client is attached', async () => {
  const engine = testEngine()
  const container = await engine.create()
  await startContainer(engine.context, container)
  const order: string[] = []
  const { launcher } = engine.context
  const launch = launcher.launch.bind(launcher)
  launcher.launch = async (plan: LaunchPlan) => {
    const shim = await launch(plan)
    const attach = shim.attach.bind(shim)
    engine.machine.process(plan.id).end()
    return Object.assign(shim, {
      async attach(options: { stdin: boolean }) {
        await new Promise((resolve) => setImmediate(resolve))
        order.push('attached')
        return attach(options)
      },
      release: () => void order.push('released'),
    })
  }
  const id = await createExec(engine.context, container, { Cmd: ['true'], AttachStdout: true })
  const exec = engine.context.execs.find(id)
  const { run } = await startExec(engine.context, exec, { detach: false, raw: false })
  await run!(collectStream(100).stream)
  expect(await exec.ended.promise).toBe(0)
  await expect.poll(() => order).toEqual(['attached', 'released'])
})

test('a process begins when its client has the head of the answer, and a terminal is resized once it is there', async () => {
  const engine = testEngine()
  const container = await engine.create()
  await startContainer(engine.context, container)
  const id = await createExec(engine.context, container, { Cmd: ['sh'], Tty: true, AttachStdout: true })
  const exec = engine.context.execs.find(id)
  const { run } = await startExec(engine.context, exec, { detach: false })
  expect(exec).toMatchObject({ running: true, task: undefined })
  const resized = resizeExec(exec, { rows: 20, columns: 70 })
  const served = run!(collectStream(100).stream)
  await resized
  const process = engine.machine.process(id)
  expect(process.sizes).toEqual([{ rows: 20, columns: 70 }])
  process.end()
  await served
})
