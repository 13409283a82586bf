/** Measures the engine without the CLI: create and start over the API. */
import { EngineApi } from '../../guest/vocabulary/engine-client/engine-api.ts'
import type { HeadlessMachine } from '../lib/machine/headless-machine.ts'

export async function createAndStart(machine: HeadlessMachine, count: number): Promise<number[]> {
  const api = new EngineApi(machine.transport)
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    const json = { Image: 'busybox', Cmd: ['true'] }
    const { Id } = await api.json('POST', '/containers/create', { json })
    await api.run('POST', `/containers/${Id}/start`)
    times.push(performance.now() - start)
    await api.run('POST', `/containers/${Id}/wait`)
    await api.run('DELETE', `/containers/${Id}`, { query: { force: true } })
  }
  return times
}
