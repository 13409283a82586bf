import { expect, test } from 'vitest'
import type { LaunchPlan } from '../../plan/plan.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { startContainer } from '../container/start-container.ts'
import { createExec } from './exec-instance.ts'
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
  await startExec(engine.context, exec, { detach: false, raw: false })
  expect(await exec.ended.promise).toBe(0)
  await expect.poll(() => order).toEqual(['attached', 'released'])
})
