import { expect, test } from 'vitest'
import { EngineError } from '../../../../protocol/errors.ts'
import { testEngine } from '../../../testing/test-engine.ts'
import { BuildOutput } from '../build-output.ts'
import { runStep } from './run-step.ts'

async function scene() {
  const engine = testEngine()
  const container = await engine.create()
  const output = new BuildOutput()
  const run = () => runStep(engine.context, container, output, new AbortController().signal)
  return { engine, container, output, run }
}

test('a character that the command never finishes is shown all the same', async () => {
  const { engine, container, output, run } = await scene()
  const running = run()
  await expect.poll(() => engine.machine.processes.get(container.id)?.attachments.size).toBe(1)
  const process = engine.machine.process(container.id)
  for (const attachment of process.attachments)
    attachment.deliver({ stream: 'stdout', bytes: new TextEncoder().encode('é').subarray(0, 1) })
  process.end({ exitCode: 3 })
  expect(await running).toBe(3)
  output.end()
  const lines = []
  for await (const line of output.lines()) lines.push(line)
  expect(lines).toEqual([{ stream: '\ufffd' }])
})

test('output that cannot be had fails the step', async () => {
  const { engine, run } = await scene()
  const failure = new EngineError('internal', 'connect EMFILE')
  const { launcher } = engine.context
  const launch = launcher.launch.bind(launcher)
  launcher.launch = async (plan) =>
    Object.assign(await launch(plan), { attach: () => Promise.reject(failure) })
  await expect(run()).rejects.toBe(failure)
})
