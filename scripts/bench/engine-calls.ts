/** Measures the engine without the CLI: create and start over the API. */
import { EngineCalls } from '../../web/src/client/engine-calls.ts'
import type { HeadlessMachine } from '../lib/machine/headless-machine.ts'

export async function createAndStart(machine: HeadlessMachine, count: number): Promise<number[]> {
  const calls = new EngineCalls(machine.transport)
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    const { Id } = await calls.json<{ Id: string }>({
      method: 'POST',
      path: '/containers/create',
      body: { json: { Image: 'busybox', Cmd: ['true'] } },
    })
    await calls.done({ method: 'POST', path: `/containers/${Id}/start` })
    times.push(performance.now() - start)
    await calls.done({ method: 'POST', path: `/containers/${Id}/wait` })
    await calls.done({ method: 'DELETE', path: `/containers/${Id}`, query: { force: true } })
  }
  return times
}
